"""Make doors, open them, close them; whatever changes a visit's fate goes through here so that its doors follow."""
