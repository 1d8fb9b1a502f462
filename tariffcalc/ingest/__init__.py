"""Official editions and tables of users to seeds."""
