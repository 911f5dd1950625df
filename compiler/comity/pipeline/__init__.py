"""From paths to findings: the passes over a project, findings kept between runs, and sessions for edited texts."""
