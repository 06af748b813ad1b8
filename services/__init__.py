"""The five services. They speak only through `shared.contracts`."""
