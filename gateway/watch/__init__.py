"""What can be seen of a running gateway from outside: for now, its numbers."""
