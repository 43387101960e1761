"""The words brands use for surfaces, backdrops, colours and light, each with the label that plates and models know."""


def _table(text: str) -> dict[str, str]:
    """Lines of `label: phrase, phrase` (indented lines continue) as phrase -> label, in the order written."""
    found: dict[str, str] = {}
    for line in text.replace("\n        ", " ").strip().splitlines():
        label, _, phrases = line.strip().partition(": ")
        found |= {phrase.strip(): label for phrase in phrases.split(",")}
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A material can lie under a product or stand behind it: its label as a surface -> its label as a backdrop.
MATERIALS = {
    "wood": "wood panels", "marble": "stone wall", "concrete": "concrete wall", "tiles": "tiled wall",
    "terrazzo": "stone wall", "granite": "stone wall", "slate": "stone wall", "travertine": "stone wall",
    "sandstone": "stone wall", "plaster": "plaster", "linen": "curtain", "velvet": "curtain", "paper": "wall",
    "acrylic": "wall", "metal": "wall", "sand": "desert", "snow": "mountains", "grass": "garden", "moss": "forest",
    "leaves": "forest", "pebbles": "stone wall", "water": "beach", "glass": "window", "knit": "curtain",
    "leather": "wall", "wicker": "wall", "podium": "wall",
}  # fmt: skip

# Said without "wall", "behind" or "background", these still stand behind.
BACKDROPS = _table(
    """
    wall: wall, walls, backdrop, background, dark background, dark wall, dark backdrop, studio, studio background,
        seamless, sweep, infinity cove
    gradient: gradient, ombre, gradient background, gradient backdrop
    plaster: stucco, limewash, plaster wall, textured wall, plastered wall, stucco wall
    brick: brick, bricks, brickwork, brick wall, brick walls, exposed brick, brickwall, loft wall
    tiled wall: tiled wall, subway tiles, metro tiles, bathroom tiles, wall tiles, tile wall
    concrete wall: concrete wall, cement wall, industrial wall
    stone wall: stone wall, rock wall, rocks, cliff, cave, natural stone wall
    wood panels: wood panels, wood panel, wooden panels, wood panelling, wood paneling, panelling, paneling, panels,
        slats, slat wall, wooden slats, wooden wall, wood wall, plank wall, cabin, barn, log cabin, sauna
    window: window, windows, windowpane, window sill, windowsill, skylight
    curtain: curtain, curtains, drape, drapes, drapery, draped fabric, fabric backdrop, blinds curtain
    kitchen: kitchen, kitchens, kitchenette, cooking, bakery, cafe, coffee shop, bistro, restaurant, diner, bar
    living room: living room, livingroom, lounge, sofa, couch, home interior, interior, room, bedroom, home, apartment,
        house, hotel, hallway, nursery
    bathroom: bathroom, bath, spa, shower, washroom, vanity, wellness
    bookshelf: bookshelf, bookshelves, bookcase, shelf, shelves, library, study, books, office
    garden: garden, gardens, foliage, greenery, plants, plant, green leaves, park, backyard, orchard, trees, tree,
        leaves, leaf, ivy, nature, outdoors, outdoor, outside, jungle, tropical leaves, bushes, hedge, greenhouse,
        vineyard
    forest: forest, forests, woods, woodland, pine forest, tree trunks, rainforest
    flowers: flowers, flower, blossom, blossoms, flower field, wildflowers, roses, tulips, lavender field, bloom
    beach: beach, beaches, sea, seaside, ocean, coast, shore, seashore, waves, sea view, island, harbour, harbor, palm
        trees, palms, palm tree, seascape
    desert: desert, dunes, dune, sahara
    sky: sky, clouds, cloud, blue sky, open sky, skies
    mountains: mountains, mountain, alps, alpine, hills, peaks, hill, summit, fjord
    city lights: city lights, city, city night, city at night, night city, skyline, bokeh lights, bokeh, neon,
        neon lights, neon sign, street at night, nightlife, urban night, downtown, street lights, nightclub,
        times square
    festive lights: festive lights, christmas lights, fairy lights, string lights, christmas tree, holiday lights,
        festive, christmas, xmas, holiday, new year, party lights, candles, christmas decoration, holidays, lanterns
    """
)

# These lie under the product unless the words around them say otherwise.
SURFACES = _table(
    """
    wood: wood, wooden, timber, planks, plank, floorboards, hardwood, parquet, plywood, driftwood, butcher block, log,
        deck, barrel, cutting board, chopping board
    marble: marble, carrara
    concrete: concrete, cement, asphalt, pavement, sidewalk, tarmac
    tiles: tiles, tile, tiled, ceramic tiles, mosaic
    terrazzo: terrazzo
    granite: granite, quartz
    slate: slate, wet stone, wet slate, basalt, black stone, dark stone, stone slab, black rock, dark rock,
        stone, rock
    travertine: travertine, limestone, beige stone
    sandstone: sandstone
    sand: sand, sandy
    snow: snow, snowy, ice, icy, frost
    grass: grass, lawn, meadow, field, turf, grassy
    moss: moss, mossy, forest floor
    leaves: autumn leaves, fallen leaves, dry leaves, leaf litter
    pebbles: pebbles, pebble, gravel, river stones, smooth stones, stones
    linen: linen, cloth, tablecloth, fabric, textile, cotton, canvas, bed sheet, sheets, bedsheet, bed, napkin, picnic
        blanket, towel
    velvet: velvet, satin, silk, silky
    knit: knit, knitted, wool, woollen, blanket, fleece, fur, rug, carpet, plush
    leather: leather
    wicker: wicker, rattan, woven mat, bamboo mat, straw, jute, basket
    acrylic: acrylic, glossy surface, glossy table, shiny surface, shiny table, reflective surface, reflective table,
        mirror, mirrored, plexiglass, lacquer, lacquered
    metal: metal, steel, aluminium, aluminum, brass, copper, chrome, metallic, iron
    paper: paper, cardboard, matte surface, matte table, craft paper, kraft paper, coloured paper
    podium: podium, podiums, pedestal, plinth, display stand, platform, cube, riser
    plaster: plaster
    glass: glass, glass table
    water: water, puddle, pool, rippling water, lake, river
    """
)

# Finishes are surfaces only where nothing else is: "a glossy black table", but not "glossy marble".
FINISHES = _table(
    """
    acrylic: glossy, shiny, reflective
    paper: matte
    """
)

# Kinds of wood by the name the studio draws; each also means "wood".
VARIANTS = _table(
    """
    pine: light wood, light wooden, pale wood, pale wooden, blonde wood, pine, birch, ash, maple, spruce
    dark wood: dark wood, dark wooden, black wood, black wooden, ebony
    whitewashed wood: white wood, white wooden, whitewashed wood, whitewashed
    oak: oak
    walnut: walnut, mahogany
    teak: teak, cherry, acacia
    bamboo: bamboo
    grey weathered wood: weathered
    rustic oak: rustic, reclaimed
    """
)

COLOURS = _table(
    """
    white: white, whites, off white, bright white, pure white
    cream: cream, creamy, ivory, vanilla, eggshell
    beige: beige, tan, nude, camel, taupe, sand coloured, sand colored
    light grey: light grey, light gray, pale grey, pale gray, silver
    grey: grey, gray
    dark grey: dark grey, dark gray, charcoal, anthracite, graphite
    black: black, jet black
    navy: navy, navy blue, dark blue, midnight blue, deep blue, indigo
    blue: blue, royal blue, cobalt, cobalt blue
    light blue: light blue, pale blue, pastel blue, baby blue, sky blue
    teal: teal, petrol
    turquoise: turquoise, aqua, cyan
    mint: mint, mint green, pastel green
    sage: sage, sage green, pale green, light green
    green: green, bright green
    dark green: dark green, forest green, emerald, emerald green, bottle green
    olive: olive, olive green, khaki
    yellow: yellow, lemon, pastel yellow, light yellow
    mustard: mustard, ochre, gold, mustard yellow
    orange: orange, tangerine
    peach: peach, apricot, salmon, coral, pastel orange
    terracotta: terracotta, rust, clay, burnt orange
    red: red, crimson, scarlet, bright red
    burgundy: burgundy, maroon, dark red, wine red, wine
    pink: pink, rose, blush, blush pink, pastel pink, dusty pink, magenta, fuchsia
    lilac: lilac, lavender, light purple, pastel purple, mauve
    purple: purple, violet, plum
    brown: brown, chocolate, coffee brown, dark brown
    """
)

LIGHT_COLOURS = _table(
    """
    warm: warm, warm light, warm lighting, golden, golden hour, golden light, golden sunlight, sunset, sunset light,
        sunrise, sunrise light, dawn, dusk, evening, evening light, evening sun, morning, morning light, morning sun,
        candlelight, candle light, candlelit, sunlit, cosy, cozy, warm glow, warm tones, late afternoon, fireplace
    neutral: neutral, neutral light, daylight, natural light, studio light, studio lighting, white light, clean light,
        natural daylight, day light, midday, noon, natural lighting
    cool: cool, cool light, cold, cold light, bluish, overcast, winter light, blue hour, moonlight, moonlit, cloudy,
        cool tones, cold tones, foggy, misty, stormy, rainy
    """
)

LIGHT_DIRECTIONS = _table(
    """
    left: from the left, from left, left light, light left, left side light, on the left, left side, left
    right: from the right, from right, right light, light right, right side light, on the right, right side, right
    front: from the front, front light, frontal light, flat light, even light, frontal, front lit, evenly lit
    back: backlit, back lit, backlight, back light, backlighting, light from behind, lit from behind, from behind, light
        behind it, rim light, rim lit, silhouette, contre jour, lit from the back, from the back
    """
)

HARDNESS = _table(
    """
    soft: soft light, soft lighting, soft, soft shadows, soft shadow, diffuse, diffused, gentle, softbox, hazy, overcast
    hard: hard light, hard lighting, hard, hard shadows, hard shadow, harsh, crisp shadows, strong shadows, direct sun,
        direct sunlight, sharp shadows, bright sun, sunny, strong sun, full sun, dramatic, spotlight, high contrast
    """
)

SHADOWS = _table(
    """
    leaves: leaf shadows, leaf shadow, palm shadows, palm shadow, dappled light, dappled, shadows of leaves, plant
        shadows, shadow of leaves, palm leaf shadows, botanical shadows, tree shadows
    blinds: blinds shadows, blind shadows, window blinds, venetian blinds, striped shadows, blinds
    window: window shadow, window shadows, window light, light through a window, window frame shadow
    """
)

VIEWS = _table(
    """
    flatlay: flat lay, flatlay, from above, top view, top down, overhead, bird s eye, knolling, lying on, laid on, laid
        flat
    backdrop: hanging, floating, no surface
    """
)

# Places and moods bring more than they say: what they suggest where nothing else is said.
SUGGESTED = _table(
    """
    surface=sand: beach, seaside, seashore, shore
    surface=sand: desert, dunes, dune, sahara
    surface=moss: forest, woods, woodland, rainforest
    surface=grass: garden, park, backyard, nature, outdoors
    backdrop=garden: meadow, field
    backdrop=beach: lake, river, pool
    backdrop=sunset: sunset, sunrise, dusk
    surface=snow; backdrop=mountains; light_colour=cool: winter, wintry, ski
    surface=leaves; backdrop=forest; light_colour=warm: autumn, autumnal, fall
    surface=grass; backdrop=flowers: spring, springtime
    surface=sand; backdrop=beach; hardness=hard: summer, summery, tropical
    surface=grass; backdrop=garden: picnic
    surface=wood; backdrop=brick: rustic, farmhouse, country
    surface=concrete; backdrop=brick: industrial, loft
    surface=wood; backdrop=wall: gym, fitness, sports hall
    surface=concrete; backdrop=brick: street, urban
    surface=wood; backdrop=wood panels: cabin, log cabin, barn
    backdrop=festive lights; light_colour=warm: christmas, xmas, festive, holiday
    surface=marble; backdrop=wall: luxury, luxurious, elegant
    surface=paper; backdrop=wall: minimal, minimalist, minimalistic
    surface=wood; backdrop=wall: scandinavian, nordic
    surface=travertine; backdrop=plaster: mediterranean
    surface=pebbles; backdrop=wood panels: zen, japanese
    surface=wicker; backdrop=plaster: boho, bohemian
    backdrop=window: window light
    backdrop_colour=dark grey: dark background, dark wall, dark backdrop
    surface=wood; backdrop=living room: coffee table
    surface=wood: windowsill, window sill
    backdrop=city lights: night, nighttime, night time
    surface=slate; backdrop=mountains: hiking, trekking, climbing
    surface=wood; backdrop=forest: camping
    surface=velvet; backdrop=festive lights; light_colour=warm: romantic, valentine
    surface=wood; backdrop=kitchen: breakfast
    surface=wood: kitchen
    surface=marble: bathroom, spa
    """
)

# Nouns that say "this is what it stands on", and nouns that say "this is behind".
SURFACE_NOUNS = _words(
    """
    bench board boards chair counter countertop desk dresser floor ground ledge nightstand sideboard slab stool surface
    table tables tabletop top worktop
    """
)
BACKDROP_NOUNS = _words(
    """
    backdrop backdrops background backgrounds behind wall walls
    """
)
SURFACE_PREPOSITIONS = _words(
    """
    atop on onto over upon
    """
)
BACKDROP_PREPOSITIONS = _words(
    """
    against before behind
    """
)
# A noun beyond one of these says nothing of the material before it.
TURNS = _words("and with front against on atop upon onto over before")
NEGATIONS = _words(
    """
    avoid never no not without
    """
)
# Furniture: of wood, where no material is said.
FURNITURE = _words(
    "table tables tabletop counter countertop worktop desk bench nightstand sideboard dresser chair stool floor"
)
# One-word adjectives that speak of the light only when no thing follows them ("warm", but not "warm wooden table").
LOOSE = _words(
    """
    cold cool cosy cozy dramatic golden hard neutral soft warm
    """
)
# "left" and "right" mean the light's side only near one of these.
LIGHT_NOUNS = _words(
    """
    beam glow lamp light lighting lights lit rays shadow shadows sun sunlight sunshine window
    """
)
# Words that ask for nothing by themselves.
STOP_WORDS = _words(
    """
    a above advertising aesthetic against airy an and any anything are around as at atmosphere atop away be beautiful
    before behind below beside between big blur blurred blurry bright brushed by calm camera casual center centre
    classic clean close closeup color colored colorful colour coloured colourful coming commercial covered dark day deep
    depth detailed dining displayed distance distant during empty end exposed far feel feeling few filled focus for
    fresh from front full give glow hand her here hero high his hour i image in into is it item items its just laid lamp
    large leaning lens light lighting lights like lit little look looking lovely lying made make me middle modern mood
    moody more my natural near new next nice object of off old on one only onto open or our out over painted pale
    pattern photo photograph photography photorealism photorealistic picture place placed plain please polished premium
    pretty product products professional put quality quiet quite raw realistic really render resting rough round scene
    scenes seamless set setting shadow shadows shallow sharp shot show side simple sitting slight slightly small smooth
    soft solid some something square stand standing studio style styled stylish subtle sun sunlight sunshine surrounded
    tall texture textured that the their there this through time to tone tones top trendy two under up upon very vibrant
    view vintage want we where which while wide with your
    """
)
