"""Environment drift: what runs on a developer's machine beside what runs in production (rules ED…)."""
