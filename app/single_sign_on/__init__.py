"""Single sign-on: an academy's own OpenID Connect provider says who somebody is (OpenID Connect Core 1.0)."""
