"""A soak under faults: load, while flows are redeployed every second and back ends die and come back.

``flows`` has what is deployed, ``clients`` the load, ``faults`` what goes wrong and when, ``judge`` what each answer is
worth, ``run`` puts them together.
"""
