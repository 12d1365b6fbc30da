"""The words the painter knows, by what they decide in a picture.

Words are lower case without accents (the parser folds them); two- and three-word phrases are
written with an underscore. A word may stand in several tables: "snow" is weather *and* season.
A few German, French, Spanish and Italian words stand beside the English ones.
"""

# Earlier scenes win when a prompt names several; the runner-up becomes the backdrop.
SCENES = {
    "window": "window windowsill interior room still_life kitchen fenster innenraum fenetre ventana"
    " finestra stillleben nature_morte bodegon natura_morta",
    "abstract": "abstract paper_cut abstraction abstrakt abstrait abstracto astratto pattern"
    " geometric marble mandala fractal swirl bauhaus marmor",
    "space": "space galaxy nebula universe cosmos cosmic outer_space weltraum espace espacio spazio"
    " nebel_im_all supernova interstellar",
    "underwater": "underwater coral reef deep_sea seabed unterwasser sous_l_eau submarino",
    "city": "city town skyline street downtown metropolis cyberpunk skyscraper building urban tower"
    " rooftop stadt strasse ville rue ciudad calle citta new_york tokyo paris manhattan",
    "lake": "lake pond lagoon marsh swamp wetland loch fjord bergsee teich lac etang lago laghetto"
    " reservoir",
    "river": "river stream creek brook fluss bach riviere fleuve rio fiume valley_river",
    "sea": "sea ocean wave beach coast shore seaside harbour harbor bay surf island cliff seascape"
    " meer ozean strand kuste mer plage ocean mar playa mare spiaggia oceano costa insel ile",
    "canyon": "canyon mesa butte gorge badlands schlucht canon monument_valley",
    "desert": "desert dune sand sahara oasis wuste dunas desierto deserto gobi",
    "garden": "garden orchard park blossom cherry_blossom sakura garten jardin giardino grove",
    "meadow": "meadow field flower wildflower poppy lavender sunflower tulip daisy prairie"
    " grassland"
    " pasture wiese feld blume prairie champ pre fleur pradera campo flor prato fiore farm steppe"
    " countryside savanna savannah",
    "forest": "forest wood woods woodland jungle pine trees grove_of_trees rainforest taiga wald"
    " foret bosque selva bosco foresta birch",
    "mountain": "mountain peak alp hill valley ridge summit highland volcano berg gebirge"
    " tal montagne colline montana colina montagna collina cordillera fuji",
    "winter": "snowscape tundra arctic antarctica glacier iceberg snowfield winterlandschaft",
}

TIMES = {
    "dawn": "dawn daybreak first_light morgendammerung aube alba amanecer",
    "sunrise": "sunrise sonnenaufgang lever_du_soleil",
    "morning": "morning morgen matin manana mattina",
    "noon": "noon midday day daytime daylight sunny mittag midi mediodia mezzogiorno tag jour"
    " sonnig ensoleille soleado",
    "afternoon": "afternoon nachmittag apres_midi tarde pomeriggio",
    "golden": "golden_hour evening_light goldene_stunde",
    "sunset": "sunset sundown evening abend sonnenuntergang coucher_de_soleil soir atardecer"
    " puesta_de_sol tramonto sera",
    "dusk": "dusk twilight gloaming dammerung crepuscule crepusculo crepuscolo",
    "blue": "blue_hour blaue_stunde heure_bleue",
    "night": "night midnight nighttime nocturne moonlit moonlight starry nacht mitternacht nuit"
    " noche notte neon cyberpunk mondnacht",
}

WEATHERS = {
    "clear": "clear cloudless clear_sky klar",
    "clouds": "cloud cloudy overcast cumulus wolke wolkig bewolkt nuage nuageux nube nublado nuvola"
    " nuvoloso",
    "fog": "fog foggy mist misty haze hazy nebel neblig dunst brume brouillard brumeux niebla"
    " neblina nebbia nebbioso",
    "rain": "rain rainy drizzle downpour wet regen regnerisch pluie pluvieux lluvia lluvioso"
    " pioggia"
    " piovoso",
    "storm": "storm stormy thunder thunderstorm lightning tempest sturm gewitter blitz orage"
    " tempete"
    " eclair tormenta rayo temporale fulmine tempesta",
    "snow": "snowing snowfall falling_snow snowstorm snow blizzard snowflake schnee schneefall"
    " neige nieve"
    " nevada neve nevicata",
    "wind": "wind windy gale breeze windig venteux viento ventoso vento",
    "rainbow": "rainbow regenbogen arc_en_ciel arcoiris arco_iris arcobaleno",
    "aurora": "aurora northern_lights aurora_borealis polarlicht nordlicht aurore_boreale"
    " polar_lights",
    "stars": "star starry milky_way stern sternenhimmel etoile estrella stella via_lactea"
    " milchstrasse",
}

SEASONS = {
    "spring": "spring springtime blossom cherry_blossom sakura fruhling printemps primavera",
    "summer": "summer summertime sommer ete verano estate",
    "autumn": "autumn fall_colors fall_colours autumnal foliage herbst automne otono autunno"
    " october november",
    "winter": "winter wintry snowy snow snowing snowfall falling_snow snowstorm blizzard"
    " snow_covered snowcapped frozen frost ice icy hiver invierno inverno"
    " schnee verschneit neige nieve neve snowscape tundra arctic iceberg winterlandschaft glacier"
    " christmas",
}

STYLES = {
    "watercolor": "watercolor watercolour aquarelle aquarell acuarela acquerello gouache",
    "oil": "oil oil_painting painting painterly olgemalde peinture_a_l_huile oleo olio brush"
    " impasto van_gogh gemalde",
    "impressionist": "impressionist impressionism pointillism pointillist monet seurat",
    "ink": "ink sumi sumi_e inkwash ink_wash calligraphy tusche encre tinta inchiostro",
    "noir": "noir film_noir monochrome black_and_white bw greyscale grayscale schwarzweiss"
    " noir_et_blanc blanco_y_negro bianco_e_nero b_w",
    "pixel": "pixel pixelart pixel_art 8_bit 8bit 16_bit 16bit retro_game",
    "pastel": "pastel chalk crayon kreide craie soft_pastel",
    "woodcut": "woodcut poster ukiyo_e linocut screenprint risograph hokusai holzschnitt plakat"
    " affiche xilografia travel_poster woodblock",
    "cyanotype": "cyanotype blueprint cyanotypie",
    "glass": "stained_glass glasmalerei vitrail vitral vetrata",
    "mosaic": "mosaic mosaik mosaique mosaico tessera",
    "sketch": "sketch pencil charcoal drawing zeichnung bleistift crayonne dibujo disegno matita"
    " graphite etching",
    "sepia": "sepia vintage old_photo daguerreotype nostalgic antique",
}

COLOURS = {
    "red": "red rot rouge rojo rosso rot roter rote rotes scarlet vermilion ruby",
    "crimson": "crimson burgundy maroon wine_red karminrot",
    "orange": "orange arancione naranja tangerine",
    "amber": "amber honey bernstein ambre",
    "gold": "gold golden dore dorado dorato goldener goldene",
    "yellow": "yellow gelb jaune amarillo giallo gelbe",
    "lime": "lime chartreuse neon_green",
    "green": "green grun vert verde grune gruner",
    "emerald": "emerald jade smaragd emeraude",
    "olive": "olive moss sage oliv",
    "teal": "teal petrol",
    "turquoise": "turquoise aqua turkis turchese turquesa aquamarine",
    "cyan": "cyan",
    "blue": "blue blau bleu azul azzurro blu azure cobalt sapphire blaue blauer",
    "navy": "navy dark_blue midnight_blue",
    "indigo": "indigo",
    "purple": "purple lila violett pourpre morado viola purpura purplish",
    "violet": "violet lilac mauve",
    "lavender": "lavender_coloured lavender_color lavendel",
    "magenta": "magenta fuchsia",
    "pink": "pink rosa rose rosy salmon",
    "coral": "coral_coloured peach apricot",
    "brown": "brown braun marron bruno chestnut umber",
    "copper": "copper bronze rust rusty kupfer",
    "silver": "silver silvery silber argent plata argento",
    "white": "white weiss blanc blanche blanco bianco ivory cream",
    "black": "black schwarz negro nero ebony",
    "grey": "grey gray grau gris grigio",
}

SUBJECTS = {
    "heron": "heron egret crane stork ibis reiher kranich garza airone",
    "birds": "bird seagull gull geese goose flock swallow crow raven eagle vogel mowe oiseau pajaro"
    " ave uccello gabbiano",
    "swan": "swan duck schwan ente cygne canard cisne pato cigno",
    "sailboat": "sailboat sailing_boat yacht sail sailing segelboot voilier velero barca_a_vela"
    " regatta",
    "boat": "boat rowboat canoe kayak fishing_boat gondola boot ruderboot barque bateau barca bote"
    " kahn",
    "ship": "ship galleon schiff navire barco nave frigate pirate_ship",
    "lighthouse": "lighthouse leuchtturm phare faro beacon",
    "tree": "tree oak lone_tree baum arbre arbol albero willow maple eiche bonsai",
    "house": "house cabin cottage hut farmhouse chalet barn home haus hutte maison cabane casa"
    " cabana capanna",
    "church": "church chapel cathedral kirche eglise iglesia chiesa",
    "moon": "moon full_moon crescent mond lune luna vollmond moonlit moonlight",
    "sun": "sun sonne soleil sol",
    "planet": "planet saturn jupiter planete planeta pianeta exoplanet",
    "balloon": "balloon hot_air_balloon air_balloon heissluftballon montgolfiere globo mongolfiera",
    "bridge": "bridge viaduct aqueduct brucke pont puente ponte",
    "person": "person man woman girl boy child human wanderer traveller traveler hiker people"
    " figure"
    " silhouette monk samurai couple lover fisherman mensch frau mann kind personne homme femme"
    " persona hombre mujer uomo donna portrait",
    "fish": "fish koi salmon_fish carp fisch poisson pez pesce goldfish trout",
    "whale": "whale wal baleine ballena balena orca humpback",
    "cat": "cat kitten kitty katze chat gato gatto",
    "deer": "deer stag elk moose reindeer doe hirsch reh cerf ciervo cervo",
    "wolf": "wolf fox coyote loup zorro lobo lupo volpe fuchs renard dog hund chien perro cane",
    "horse": "horse mustang pony stallion unicorn pferd cheval caballo cavallo",
    "temple": "temple pagoda shrine tempel templo tempio pagode",
    "torii": "torii torii_gate",
    "castle": "castle fortress palace burg schloss chateau castillo castello citadel",
    "windmill": "windmill mill windmuhle moulin molino mulino",
    "tent": "tent camping campsite campfire zelt tente",
    "vase": "vase bouquet fruit apple teacup cup_of_tea flowers_in_a_vase",
}

# Where a subject is at home, when the prompt names no scene.
HOMES = {
    "heron": "lake", "birds": "sea", "swan": "lake", "sailboat": "sea", "boat": "lake",
    "ship": "sea", "lighthouse": "sea", "tree": "meadow", "house": "meadow", "church": "meadow",
    "planet": "space", "balloon": "mountain", "bridge": "river", "person": "mountain",
    "fish": "underwater", "whale": "sea", "cat": "window", "deer": "forest", "wolf": "forest",
    "horse": "meadow", "temple": "mountain", "torii": "lake", "castle": "mountain",
    "windmill": "meadow", "tent": "mountain", "vase": "window",
}  # fmt: skip

# Particular words that also choose the flowers of a field or the colour of the leaves.
BLOOMS = {
    "poppy": "red", "lavender": "violet", "sunflower": "yellow", "tulip": "crimson",
    "daisy": "white", "cherry_blossom": "pink", "sakura": "pink", "blossom": "pink",
    "rose": "pink",
}  # fmt: skip

# How an abstract picture is built, by the word that asks for it.
MANNERS = {
    "marble": "marble", "marmor": "marble", "swirl": "marble", "geometric": "discs",
    "bauhaus": "discs", "pattern": "discs", "wave": "waves", "paper": "waves",
    "mandala": "mandala", "fractal": "mandala",
}  # fmt: skip

COUNTS = {
    "two": 2, "couple": 2, "pair": 2, "three": 3, "four": 4, "five": 5, "several": 4, "many": 6,
    "zwei": 2, "deux": 2, "dos": 2, "due": 2, "drei": 3, "trois": 3, "tres": 3, "tre": 3,
    "2": 2, "3": 3, "4": 4, "5": 5, "6": 6, "flock": 7, "fleet": 4,
}  # fmt: skip

NEGATORS = frozenset(
    [
        "no",
        "not",
        "without",
        "never",
        "ohne",
        "kein",
        "keine",
        "keinen",
        "nicht",
        "sans",
        "pas",
        "sin",
        "senza",
        "non",
        "minus",
        "except",
    ]
)
ARTICLES = frozenset(
    [
        "a",
        "an",
        "the",
        "some",
        "ein",
        "eine",
        "einen",
        "der",
        "die",
        "das",
        "un",
        "une",
        "le",
        "la",
        "les",
        "el",
        "los",
        "las",
        "il",
        "lo",
        "gli",
        "i",
        "una",
    ]
)
SCOPE_ENDS = frozenset(
    [
        "with",
        "but",
        "in",
        "on",
        "at",
        "over",
        "under",
        "by",
        "near",
        "above",
        "behind",
        "mit",
        "aber",
        "uber",
        "unter",
        "am",
        "im",
        "avec",
        "mais",
        "sur",
        "con",
        "pero",
        "sobre",
        "ma",
        "su",
        "only",
        "just",
        "plus",
    ]
)
JOINERS = frozenset(
    ["and", "or", "nor", "und", "oder", "et", "ou", "y", "o", "e", "any", "kind", "of"]
)
