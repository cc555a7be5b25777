"""Who of the staff suits a visit: conflicts of interest, trainings, whether somebody is a woman or a man."""
