"""The whole product on one machine with a made-up family."""
