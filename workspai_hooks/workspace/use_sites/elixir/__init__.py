"""Elixir, and the EEx and HEEx templates that it renders."""
