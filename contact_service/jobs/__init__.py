"""Things that happen without a request.  Jobs hold no rules: they find what is due and call an action for each."""
