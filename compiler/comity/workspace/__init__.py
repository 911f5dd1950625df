"""Files on disk: the project file, which modules make up a program, reading and caching, where Comity's own data is."""
