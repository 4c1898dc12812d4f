"""Ruby, and the ERB templates that it renders."""
