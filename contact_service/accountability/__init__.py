"""Who answers for the data of real people, and on what basis, before the first of them is entered."""
