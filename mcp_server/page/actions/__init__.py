"""What each form of the page changes or runs."""
