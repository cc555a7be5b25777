"""Who is in a case and what is known of them.  Absent and not-yours are alike."""
