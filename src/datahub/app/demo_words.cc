#include "datahub/app/demo_words.h"

namespace datahub::app {
namespace {

constexpr std::string_view kFirstNames[] = {
    "Ada",    "Adele",   "Agnes",  "Ahmed",   "Aiko",   "Alba",   "Albert",  "Alex",   "Alice",   "Alma",    "Amara",
    "Amelia", "Amir",    "Ana",    "Anders",  "Andrea", "Anita",  "Anna",    "Anton",  "Aria",    "Arjun",   "Arthur",
    "Aya",    "Beatriz", "Bela",   "Bernard", "Bianca", "Boris",  "Bruno",   "Camila", "Carla",   "Carlos",  "Carmen",
    "Celia",  "Cesar",   "Chen",   "Chiara",  "Clara",  "Claude", "Conrad",  "Cora",   "Dalia",   "Daniel",  "Daria",
    "David",  "Deborah", "Dennis", "Diana",   "Diego",  "Dora",   "Edgar",   "Edith",  "Eduardo", "Elena",   "Eli",
    "Elias",  "Elif",    "Elsa",   "Emil",    "Emma",   "Enzo",   "Erika",   "Ernest", "Esther",  "Eva",     "Fabio",
    "Fatima", "Felix",   "Fiona",  "Flora",   "Frank",  "Frida",  "Gabriel", "Gemma",  "George",  "Gina",    "Giulia",
    "Grace",  "Greta",   "Gustav", "Hana",    "Hanna",  "Harald", "Hassan",  "Hector", "Helena",  "Henri",   "Hilda",
    "Hugo",   "Ibrahim", "Ida",    "Igor",    "Ilse",   "Ines",   "Ingrid",  "Irene",  "Iris",    "Isaac",   "Ivan",
    "Jack",   "Jana",    "Jasper", "Jelena",  "Jin",    "Joana",  "Joel",    "Johan",  "Jonas",   "Jorge",   "Joseph",
    "Julia",  "Julian",  "Kaito",  "Kamal",   "Karin",  "Karl",   "Katja",   "Kenji",  "Khalid",  "Kira",    "Klara",
    "Kofi",   "Lara",    "Lars",   "Laura",   "Lea",    "Leila",  "Lena",    "Leo",    "Leon",    "Liam",    "Lidia",
    "Lina",   "Linus",   "Lola",   "Lorenzo", "Louis",  "Lucas",  "Lucia",   "Luis",   "Luna",    "Mai",     "Maja",
    "Malik",  "Manuel",  "Mara",   "Marco",   "Maria",  "Mario",  "Marta",   "Martin", "Mateo",   "Matilda", "Max",
    "Maya",   "Mei",     "Mia",    "Miguel",  "Mila",   "Milan",  "Mina",    "Miriam", "Mohamed", "Monika",  "Nadia",
    "Naomi",  "Nasser",  "Nia",    "Nico",    "Nina",   "Noah",   "Nora",    "Olaf",   "Olga",    "Oliver",  "Omar",
    "Oscar",  "Otto",    "Paul",   "Paula",   "Pedro",  "Petra",  "Philip",  "Pia",    "Rafael",  "Rita",    "Robert",
    "Rosa",   "Ruth",    "Samir",  "Sara",    "Sofia",  "Stefan", "Tara",    "Theo",   "Tomas",   "Uma",     "Vera",
    "Viktor", "Yuki",
};
constexpr std::string_view kStreetNames[] = {
    "Blue",     "Green",  "Silver",  "Golden",  "Amber",    "Acorn",   "Alder",  "Apple",    "Ash",     "Aspen",
    "Bakery",   "Barley", "Bay",     "Beacon",  "Beech",    "Bell",    "Birch",  "Bridge",   "Brook",   "Canal",
    "Castle",   "Cedar",  "Chapel",  "Cherry",  "Chestnut", "Church",  "Cliff",  "Clover",   "Copper",  "Coral",
    "Corn",     "Court",  "Crane",   "Creek",   "Crown",    "Dawn",    "Deer",   "Depot",    "Dock",    "Dove",
    "Eagle",    "Elder",  "Elm",     "Factory", "Falcon",   "Fern",    "Ferry",  "Field",    "Fir",     "Forest",
    "Fountain", "Fox",    "Garden",  "Gate",    "Glen",     "Grove",   "Harbor", "Hawthorn", "Hazel",   "Heron",
    "Hill",     "Holly",  "Iron",    "Island",  "Ivy",      "Juniper", "King",   "Lake",     "Lantern", "Larch",
    "Laurel",   "Lemon",  "Library", "Lily",    "Linden",   "Maple",   "Market", "Meadow",   "Mill",    "Mint",
    "Moon",     "Museum", "North",   "Oak",     "Olive",    "Orchard", "Palm",   "Park",     "Pearl",   "Pine",
    "Pond",     "Poplar", "Quarry",  "Queen",   "River",    "Rose",    "Spring", "Station",  "Sunset",  "Willow",
};
constexpr Quarter kQuarters[] = {{"St. ", ", North Quarter"},
                                 {"Av. ", ", Upper Market"},
                                 {"Rd. ", ", Harbor District"},
                                 {"Sq. ", ", Castle Hillside"},
                                 {"Al. ", ", Garden Suburb"}};

static_assert(std::size(kFirstNames) == 200 && std::size(kStreetNames) == 100);

}  // namespace

std::span<const std::string_view> FirstNames() { return kFirstNames; }
std::span<const std::string_view> StreetNames() { return kStreetNames; }
std::span<const Quarter> Quarters() { return kQuarters; }

}  // namespace datahub::app
