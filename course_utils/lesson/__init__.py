"""What a notebook begins with: the profile, the clock, a summariser at hand."""
