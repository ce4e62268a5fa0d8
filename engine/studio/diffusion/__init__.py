"""Pictures by diffusion models; see README.md. Importing it loads neither torch nor diffusers."""
