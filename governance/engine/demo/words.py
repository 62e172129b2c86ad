"""The invented words that people, places, products and messages are made from."""

from __future__ import annotations

FIRST_NAMES = (
    "Anna", "Bela", "Clara", "Daniel", "Elif", "Felix", "Greta", "Henrik", "Ida", "Jakob",
    "Katharina", "Leon", "Marlene", "Nils", "Olga", "Paul", "Renate", "Sebastian", "Tessa",
    "Ulrich", "Vera", "Wolfgang", "Yasmin", "Zoe", "Björn", "Jürgen", "Jörg", "Käthe",
    "Michael", "Jennifer", "David", "Ashley", "Matthew", "Jessica", "Andrew", "Sarah", "Kevin",
    "Laura", "Brian", "Nicole", "Marek", "Agnieszka", "Luca", "Giulia", "Hugo", "Camille",
    "Pablo", "Lucía", "Mehmet", "Aylin",
)  # fmt: skip

LAST_NAMES = (
    "Ahrens", "Becker", "Clausen", "Dietrich", "Engel", "Fischer", "Grabowski", "Hoffmann",
    "Iversen", "Jansen", "Krüger", "Lehmann", "Meißner", "Neumann", "Oppermann", "Petersen",
    "Quandt", "Richter", "Schäfer", "Thiele", "Unger", "Vogel", "Wagner", "Zimmermann",
    "Böttcher", "Günther", "Köhler", "Anderson", "Brooks", "Coleman", "Douglas", "Edwards",
    "Foster", "Griffin", "Hughes", "Jenkins", "Marshall", "Nelson", "Palmer", "Reynolds",
    "Sullivan", "Turner", "Watson", "Kowalski", "Nowak", "Rossi", "Ferrari", "Laurent",
    "Moreau", "García", "Navarro", "Kaya", "Demir",
)  # fmt: skip

# A city and how its postal codes begin.
GERMAN_CITIES = (
    ("Berlin", "10"), ("Hamburg", "20"), ("Bremen", "28"), ("Hannover", "30"), ("Kassel", "34"),
    ("Köln", "50"), ("Frankfurt am Main", "60"), ("Stuttgart", "70"), ("Freiburg", "79"),
    ("München", "80"), ("Nürnberg", "90"), ("Leipzig", "04"),
)  # fmt: skip

AMERICAN_CITIES = (
    ("Boston", "021"), ("New York", "100"), ("Philadelphia", "191"), ("Chicago", "606"),
    ("Denver", "802"), ("San Francisco", "941"), ("Portland", "972"), ("Seattle", "981"),
)  # fmt: skip

GERMAN_STREETS = (
    "Lindenallee", "Gartenstraße", "Schulweg", "Am Hang", "Bahnhofstraße", "Mühlenweg",
    "Rosenstraße", "Kirchgasse", "Hafenstraße", "Birkenweg", "Amselweg", "Feldstraße",
    "Ringstraße", "Wiesengrund", "Parkallee",
)  # fmt: skip

AMERICAN_STREETS = (
    "Maple Street", "Oak Avenue", "Cedar Lane", "Washington Street", "Lakeview Drive",
    "Hillside Road", "Pine Street", "Elm Street", "River Road", "Sunset Boulevard",
)  # fmt: skip

COMPANY_STEMS = (
    "Nordlicht", "Havelweber", "Kornblume", "Sternmühle", "Weissbach", "Alsterkontor",
    "Elbtuch", "Rosenthaler", "Bluebell", "Stonebridge", "Greenfield", "Lakeside", "Harvest",
    "Silverline", "Redwood", "Fairmont",
)  # fmt: skip

COMPANY_FORMS = (
    "GmbH", "AG", "KG", "UG", "Inc.", "LLC", "Ltd.",
)  # fmt: skip

RANGES = (
    "bed linen", "towels", "curtains", "rugs", "cushions", "blankets", "table linen",
)  # fmt: skip

COLOURS = (
    "moss", "sand", "indigo", "slate", "rust", "ivory", "charcoal", "ochre", "fern", "plum",
)  # fmt: skip

SERIES = (
    "Finch", "Heron", "Plover", "Wren", "Harbour", "Jetty", "Lantern", "Meadow", "Tide", "Dune",
)  # fmt: skip

# A department and a job in it.
JOBS = (
    ("Shop", "Merchandiser"), ("Shop", "Photographer"), ("Care", "Care agent"),
    ("Warehouse", "Picker"), ("Warehouse", "Shift lead"), ("Finance", "Accountant"),
    ("Data", "Data engineer"), ("Data", "Analyst"), ("People", "HR partner"),
    ("Marketing", "Copywriter"),
)  # fmt: skip
