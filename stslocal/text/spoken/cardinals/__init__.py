"""Cardinal numbers in words, by families of languages. No tables of other packages are used."""
