"""Where each edge of the customer graph gets its values. `resolvers.whole` has all of them."""
