"""The checks of aggregators, by what they look at; each takes an example and raises where the contract is broken."""
