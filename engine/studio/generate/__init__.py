"""The face sampler: portraits of people who do not exist, every one of them an adult."""
