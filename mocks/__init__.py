"""The outside world: small servers that speak the real wire formats. They import nothing of ours."""
