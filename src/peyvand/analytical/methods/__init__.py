"""The mathematics: arrays in, frozen answers out. Import a method by its own module; this package loads nothing."""
