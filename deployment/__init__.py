"""Steps of a deployment that are easier in Python; the scripts of infra/ call them."""
