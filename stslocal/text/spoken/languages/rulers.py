"""First names of kings, queens and popes, as several languages write them, and names of saints."""

from __future__ import annotations

KINGS = frozenset(
    "Adrian Afonso Akbar Albert Alberto Albrecht Alejandro Alessandro Alexander Alexandre "
    "Alexis Alfonso Alfred Amadeo Amedeo Antiochus Artaxerxes Baldwin Benedetto Benedict "
    "Benedicto Benoît Bento Boniface Bonifacio Carl Carlo Carlos Charles Christian Clement "
    "Clemente Constantine Constantino Cyrus Darius David Denis Dinis Duarte Edmund Eduardo "
    "Edward Emanuel Emanuele Emanuelle Emmanuel Enrico Enrique Eric Erik Ethelred Federico "
    "Felipe Ferdinand Ferdinando Fernando Filip Filipe Filippo Francesco Francis Francisco "
    "Franz François Frederick Frederico Friedrich Frédéric Georg George Georges Giacomo Giorgio "
    "Giovanni Giulio Gregorio Gregory Gregório Grégoire Guglielmo Guilherme Guillaume Guillermo "
    "Gustav Gustavo Haakon Hadrian Harald Harold Haroldo Henri Henrique Henry Hussein Innocent "
    "Innocenzo Inocencio Inocêncio Ivan Ivã Jacques Jaime James Jean Jerónimo Joan John Jorge "
    "Jorges Joseph José João Juan Julius Karl Kenneth Leo Leone Leopold Leopoldo Leão León "
    "Louis Ludwig Luigi Luis Luís Magnus Malcolm Manoel Manuel Marcus Maximilian Maximiliano "
    "Mehmed Mehmet Michael Miguel Mohammed Muhammad Murad Napoleon Napoleone Napoleão Napoleón "
    "Napoléon Niccolò Nicholas Nicola Nicolas Nicolau Nicolás Olaf Oscar Otto Pablo Paolo Paul "
    "Paulo Pedro Peter Petro Philip Philippe Pie Pierre Pietro Pio Pius Ptolemy Rainier "
    "Ramesses Ramses Ramsés Ricardo Riccardo Richard Robert Roberto Rodolfo Rudolf Sancho Selim "
    "Sigismund Sisto Sixtus Stephen Suleiman Sylvester Thutmose Tutmés Umberto Urban Urbano "
    "Victor Vittorio Wilhelm Willem William Xerxes Yohannes Zog".split()
)
QUEENS = frozenset(
    "Anna Anne Arsinoe Beatrix Berenice Catalina Catarina Caterina Catherine Christina "
    "Cleopatra Cléopâtre Cristina Elisabeth Elisabetta Elizabeth Isabel Isabella Isabelle "
    "Joanna Juana Juliana Margaret Margarida Margarita Margherita Margrethe Maria Marie Mary "
    "María Victoria Vittoria Vitória Wilhelmina Élisabeth".split()
)
SAINTS = frozenset(
    "Albans Andrew Andrews Anne Anthony Augustine Bernard Catharine Catherine Charles Clair "
    "Cloud Croix David Elizabeth Francis Gallen George Germain Helena Helens Ives James John "
    "Joseph Kitts Lawrence Louis Lucia Luke Mark Martin Mary Matthew Michael Moritz "
    "Nicholas Pancras Patrick Paul Pauli Peter Petersburg Pierre Regis Stephen "
    "Thomas Tropez Vincent".split()
)
"""Names that stand after St. more often than a sentence begins with them."""
