"""The checks of readers, by what they look at; each takes an example and raises where the contract is broken."""
