"""The API's side of the relay: from visits to the list of rooms; tickets; events taken in once each."""
