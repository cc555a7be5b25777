"""The agency's single sign-on as it is asked and as it answers: OpenID Connect Core 1.0, and no database."""
