"""What was agreed or ordered: who may meet whom, how long, under whose eyes; and the agency's limits."""
