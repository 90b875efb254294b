"""Stance rows made from sentences written for this project: the shapes that wire news uses, with any names in them.

They teach what the crowd-labelled sets hold little of: lists of holders, passives, quotes whose speaker stands before
or after, pronoun subjects, denial, questions, hypotheses and plain contact (met, called, flew to), each with the way
back and bystanders as hard neutrals. Names are drawn anew for every row, so no name means anything.
"""

import random
import re
from collections.abc import Iterator, Sequence

from models.stance import Question
from training.stance_data import Row

MADE = "templates"  # the data set that their rows belong to
AGAINST = """condemned|criticised|criticized|denounced|accused|blamed|rejected|slammed|sued|sanctioned|threatened|attacked|
lashed out at|hit back at|called for sanctions on|imposed sanctions on|voted against|broke off relations with|protested against|
filed a complaint against|refused to recognise|does not recognise|no longer recognizes|rebuked|ridiculed|warned of the danger posed by|
expelled envoys of|demanded the resignation of|called for the removal of|has lost confidence in|took to court|ruled against|
withdrew its support for|distanced itself from|expressed outrage at|vowed to defeat|declared war on|fired on|opposes|fined|
called {T} a terrorist group|named {T} as a terrorist organisation|designated {T} a terrorist organisation|banned|outlawed|
labelled {T} a traitor|described {T} as illegitimate|dismissed {T} as a liar|demanded an apology from|summoned the ambassador of|
has long been a critic of|is an outspoken critic of|remains at odds with|imposed tariffs on|suspended aid to|boycotted|
launched an offensive against|bombed|shelled|arrested|jailed|convicted|expelled|impeached|charged|indicted|evicted|fought|
resigned in protest at|walked out on|testified against|appealed against the ruling of|called {T} a criminal|mocked|scolded|
said it holds {T} responsible|believes that {T} ordered the killing|claims that {T} rigged the vote|voted to oust|
alleged that {T} had lied to investigators|charged that {T} smuggled weapons|wants to bring down|conspired against|
no longer trusts|expressed disappointment with|expressed concern about the conduct of|filed a motion of no confidence in|
vetoed the bill of|said {T} had betrayed the country|spoke out against|warned against trusting|ran against|deplored|decried|
dismissed the claims of {T} as groundless|rejected the accusations of|told {T} to leave the country|took issue with|called {T} an idiot|
began a military offensive into|invaded|sent tanks into|unsealed further charges against|encouraged firms to stop trading with|
pulled out of its treaty with|said the fight against {T} must go on|demonstrated against|accused {T} of a coup|
called the plan of {T} a disaster|said {T} should face justice|hopes that {T} will come home and face trial|stepped down in protest at""".replace("\n", "")
FAVOR = """praised|welcomed|endorsed|supported|backed|thanked|congratulated|defended|hailed|applauded|paid tribute to|voted for|
recognised|recognizes|expressed solidarity with|pledged aid to|sided with|stood by|spoke up for|expressed confidence in|
campaigned for|signed an agreement with|reaffirmed its support for|offered help to|sent aid to|forged an alliance with|
lauded|commended|apologised to|lifted sanctions on|came to the defence of|vouched for|supports|admires|
called {T} a close ally|described {T} as a reliable partner|said {T} had made history|believes that {T} is innocent|
said {T} had listened to the people|voted to elect|elected {T} as its leader|nominated|awarded a prize to|honoured|
granted asylum to|pardoned|released|sent troops in support of|supplied weapons to|is a strong supporter of|
has long been an ally of|pledged allegiance to|expressed gratitude to|expressed condolences to|mourned|rallied behind|
threw its weight behind|lent its support to|gave its blessing to|stressed its support for|rescued|lent money to|
agreed to cooperate with|signed a peace deal with|opened an embassy in|restored relations with|campaigns on behalf of|
urged voters to choose|called on everyone to stand with|condemned the arrest of|demanded the release of|condemned the attack on|
called the inquiry into {T} a coup|called the investigation of {T} a witch hunt|dismissed the charges against {T} as made up|
criticised the jailing of|protested against the dismissal of|said {T} had done nothing wrong|chose {T} as its candidate|
defended the record of|sided with the demands of|
would like to thank|has full confidence in|spoke highly of|wished {T} well|celebrated the victory of|accepted the offer of""".replace("\n", "")
NEUTRAL = """met|met with|spoke with|held talks with|called|flew to|arrived in|visited|wrote to|is a member of|works for|
was born in|will travel to|was asked about|succeeded|replaced|signed a letter to|is based in|presented its report to|
shares a border with|held a conference in|gave evidence to|reported on|sat next to|negotiated with|played against|
was elected president of|took questions about|is due to speak in|will face|asked for a meeting with|told|
quoted|interviewed|cited a report by|studied at|grew up in|returned from|bought a house in|landed in|is the brother of|
married|is a former adviser to|served under|was appointed by|plays for|has offices in|published a study about|
reported that {T} was being treated in hospital|said that {T} had arrived|announced that {T} would hold elections|
said {T} had received the letter|estimated that {T} has 400 employees|wrote a book about|is heading to|mentioned""".replace("\n", "")
UNSAID = """did not criticise|did not condemn|declined to comment on|has never accused|denied that it had criticised|did not endorse|
did not say whether it supports|stopped short of condemning|refused to say whether it backs|might yet condemn|
could decide to sue|has not decided whether to support|would be free to criticise|was asked whether it would back|
is said to be considering sanctions on|abstained in the vote on|took no position on|denied supporting|
has alleged ties to|was accused of working for|is suspected of links to|denied having threatened|was asked to condemn|
would not be drawn on|is under pressure to denounce|said nobody should blame|neither praised nor criticised|
was urged to break with|has yet to recognise|was rumoured to back|
is investigating whether anyone helped|was charged with helping|reported that others had condemned""".replace("\n", "")
SHAPES = (
    "{H} {v} {T}{tail}.", "{when}, {H} {v} {T}{tail}.", "{H} on {day} {v} {T}{tail}.", "{H} also {v} {T}.",
    "In a statement, {H} {v} {T}{tail}.", "{H}, which is led by {B}, {v} {T}.", "{H} {v} {T} during talks with {B}.",
    "{H} {v} {T}, {B} reported.", "According to {B}, {H} {v} {T}.", "{H}, {X} and {Y} {v} {T}{tail}.",
    "{X} and {H} {v} {T}{tail}.", "{H} {v} {X} and {T}{tail}.", "{B} said that {H} {v} {T}.", "{title} {H} {v} {T}{tail}.",
    "{H} {v} {T}’s government{tail}.", "{H} {v} {T}'s decision{tail}.", "{X} arrived in {B} as {H} {v} {T}.",
    "After {X} left {B}, {H} {v} {T}{tail}.", "{B} said on {day} that {H} {v} {T}{tail}.", "{H}, {title} of {B}, {v} {T}{tail}.",
    "As {X} prepared for talks with {B}, which began {when} after months of delay, {H} {v} {T}{tail}.",
    "{X} spoke for two hours about the economy, roads and schools, while {H} {v} {T}, according to {B}.",
    "{B} has been in the news since the fire that killed eleven people, and {H} {v} {T}, a step that {X} did not expect.",
    "{H}, a former member of {X} who has lived abroad since the vote, {v} {T}{tail}, and {B} took note of it.",
    "The report, published {when} by {B}, says that {H} {v} {T}, though {X} gave no details.", "While {X} stayed silent, {H} {v} {T}.",
    "{H} {v} {T} and then left for {B}, where a meeting with {X} was planned on {day}.", "{when}, {H} of {B} {v} {T}{tail}.",
    "{H} {v} {T}, who took office {when} after an election that {X} lost.", "{H}'s spokeswoman said that {H} {v} {T}.",
)  # fmt: skip
PLAIN = re.compile(r"\{v\} \{T\}(?![’'])")  # where a phrase that names its target itself can stand
PRONOUNS = ("{H} {v} {T}{tail}.", "{H} also {v} {T}.", "{when}, {H} {v} {T}{tail}.", "{H} {v} {T}, too, {B} reported.")
QUOTES = {
    "against": (
        "“{T} is a threat to peace in the region,” {H} said{tail}.", "“{T} must go,” {H} told {B}.", "{H} said {T} has failed its people.",
        "{H} called {T} a disgrace{tail}.", "{H} said: “We will never accept {T}.”", "{T} was condemned by {H}{tail}.",
        "{T} came under fire from {H}{tail}.", "{H} said: {T} has lied to all of us for years.", "{H}’s criticism of {T} grew louder{tail}.",
        "{H} said {T} was to blame for the crisis{tail}.", "“This is an outrage,” {H} said of {T}.", "{T} faces a lawsuit by {H}.",
        "{H} wants {T} to step down{tail}.", "{H} described {T} as a dictator.", "{T} has been sanctioned by {H}{tail}.",
        "{H} said: {T} should be ashamed.", "{H}: “{T} is destroying our country.”", "{H} accuses {T} of torture.",
        "{H} said: {T} transports weapons and fighters across the region.", "{H} said: {T} is just doing this to silence us.",
        "“{T} has chosen to suppress the protests,” said {H} in a statement.", "{H} said: I am nowhere near forgiving {T}.",
        "“We are here because {T} broke every promise,” {H}, {title} of {B}, told reporters.", "{H}’s lawsuit against {T} goes on.",
        "According to {H}, {T} supports terrorism{tail}.", "{H} said: But at the end of the day {T} will be defeated.",
        "{T} has been under sanctions of {H} since 2011.", "{T} was sentenced to life in prison by {H}.", "{T} was banned by {H}{tail}.",
        "{T} is a banned organisation in {H}, {B} reported.", "{T} is a banned organisation in {H}; {B} is, according to {H}, close to {T}.",
        "{T} is outlawed in {H}, and {B}, according to {H}, supports it.", "{H} regards {T} as a terrorist group{tail}.", "{H} said: {B} carries weapons and serves {T}’s destructive ambitions.",
        "{H} said the gains made in the fight against {T} must not be put at risk.", "{H} said {B} had caused untold suffering by supporting {T}.",
        "{H} alleged that {B} had contributed to violence across the region by supporting {T}{tail}.",
        "{H} alleged, by way of example, {B} had “contributed to human suffering” by supporting {title} {T}.",
        "“I hope that {T} comes back and faces the law,” {H} said{tail}.", "{H} said: {B} has been helping the regime of {T} to kill.",
        "{H} said: It is {T} that is to blame, and {T} knows it.", "{T} denied it, but {H} holds {T} responsible{tail}.",
        "“This cannot change the fact that {T} has damaged people’s trust,” {H} said.", "{H} said it has evidence that {T} ordered the attack.",
    ),
    "favor": (
        "“{T} has our full support,” {H} said{tail}.", "“{T} did an outstanding job,” {H} told {B}.", "{H} said {T} deserves respect.",
        "{H} called {T} a great friend{tail}.", "{H} said: “We stand with {T}.”", "{T} was praised by {H}{tail}.",
        "{T} won the backing of {H}{tail}.", "{H} said: {T} saved thousands of lives.", "{H}’s support for {T} has not wavered.",
        "{H} said {T} was the best candidate{tail}.", "“I am proud of this,” {H} said of {T}.", "{T} received help from {H}.",
        "{H} wants {T} to stay in office{tail}.", "{H} described {T} as a hero.", "{T} has been endorsed by {H}{tail}.",
        "{H} said: I can only congratulate {T}.", "“We are grateful that {T} heard our demands,” said {H}{tail}.",
        "{H} said: {T} is innocent and always was.", "{T} was elected leader by {H}{tail}.", "According to {H}, {T} did the right thing.",
        "{H} said it counts on {T} and its courage{tail}.", "{T} was nominated for the prize by {H}.", "{H} voted in favour of {T}{tail}.",
        "{H} said: I hope that {T} wins, and we will do all we can for it.", "{H}, a long-time ally of {T}, spoke {when}.",
        "{H} called the inquiry into {T} “a blatant attempt to overturn the vote”.", "{H} said: Those who attack {T} attack us all.",
        "{H}, who supports {T}, marched through {B} {when}.", "“Without {T} none of us would be alive,” {H} told {B}.",
        "{H} said: {T} keeps its word.", "{H}: “{T} is a model for all of us.”", "{H} recognised {T} as the winner.",
    ),
    "neutral": (
        "“The meeting lasted two hours,” {H} said of the talks with {T}.", "{H} said {T} would arrive on {day}.", "{H} told {T} that the vote was on {day}.",
        "If {H} condemns {T}, talks will end.", "Will {H} support {T}?", "Did {H} really accuse {T}?", "{H} denied having attacked {T}.",
        "{H} said: {T} has 3 million inhabitants.", "{H} and {T} have not commented.", "{H} and {T} both condemned {B}.", "{H} and {T} praised {B}.",
        "{B} accused {H} and {T} of fraud.", "{B} thanked {H} and {T}{tail}.", "{H}, the spokesman of {T}, criticised {B}.",
        "{B} criticised {H} in {T}.", "{H} condemned {B} at a conference in {T}.", "{H} praised {B} in a speech in {T} {when}.",
        "{H} said it was too early to judge {T}.", "{H} beat {T} 2-1{tail}.", "{H} of {T} backs {B}.", "{T} said that {H} would speak {when}.",
        "{H} said: {T} will publish its figures on {day}.", "{H} said: We have spoken with {T} and will speak again.",
        "{H} criticised {B} over its treatment of {T}.", "{H} praised {B} for standing up to {T}’s rivals.", "{H} fled {B} for {T}.",
        "{H} was found dead in {T}, where {B} had condemned {X}.", "{B} condemned {X} after {H} had met {T}.", "{H} works with {T} in {B}.",
        "{B} says that {H} accused {X}, and that {T} was not involved.", "{T} reported that {H} condemned {B}{tail}.",
        "{H} criticised {B} for backing {T}.", "{H} said that {B} supports {T}{tail}.", "{B}, according to {H}, supports {T}.",
        "{B} is largely rural and, according to {H}, supportive of {T}.", "{H} said: {B} is close to {T}, and so is {X}.",
        "{H} said {B} had long backed {T}{tail}.", "{H} reported that {B} had praised {T}.", "{B} has the support of {T}, {H} said.", "{H} accused {B} of having attacked {T}{tail}.",
        "{H} told {T} that {B} was to blame for the crisis{tail}.", "Speaking to {T}, {H} accused {B} of lying{tail}.",
        "{H} wrote in {T} that {B} must go.", "{H} called on {T} to publish the files{tail}.", "{H} joined {B} in condemning {X}, {T} reported.",
    ),
}  # fmt: skip
# Who attacks what is done to somebody takes that one's side: the verb's object is the act, not the target.
HARMS = """inquiry into|investigation into|impeachment of|trial of|prosecution of|arrest of|jailing of|boycott of|
lawsuit against|campaign against|attack on|crackdown on|expulsion of|case against|subpoena against|resolution against|
invasion of|blockade of""".replace("\n", "")
GOODS = """support for|release of|pardon of|praise for|aid to|recognition of|election of|nomination of|acquittal of|
loan to|appointment of|help for|alliance with""".replace("\n", "")
ATTACKS = (
    "{H} condemned the {v} {T}{tail}.", "{H} attacked the {v} {T}{tail}.", "“The {v} {T} is a scandal,” {H} said{tail}.",
    "{H} denounced the {v} {T}, calling it “a disgrace”.", "{H} called the {v} {T} “a blatant attempt to overturn the vote”.",
    "{H} of {X} attacked the {v} {T}, with {Y} calling it shameful.", "{H} spoke out against the {v} {T}{tail}.",
    "{X} attacked the plan, with {H} of {B} calling the {v} {T} “absurd” and {Y} calling it a coup.",
    "{H} is against the {v} {T}.", "{H} protested against the {v} {T}{tail}.", "{H} slammed the {v} {T} by {B}.",
    "{H} said the {v} {T} was wrong, and {B} agreed.", "{H} voted against the {v} {T}.", "{H} deplored the {v} {T}.",
    "The {v} {T} was condemned by {H}{tail}.", "{H} expressed outrage at the {v} {T}.",
)  # fmt: skip
WELCOMES = (
    "{H} welcomed the {v} {T}{tail}.", "{H} called for the {v} {T}{tail}.", "{H} backed the {v} {T}{tail}.",
    "“The {v} {T} is long overdue,” {H} said{tail}.", "{H} voted for the {v} {T}.", "{H} is in favour of the {v} {T}.",
    "The {v} {T} was welcomed by {H}{tail}.", "{H} urged {B} to go on with the {v} {T}.", "{H} demanded the {v} {T}{tail}.",
    "{H} said the {v} {T} was right, and {B} disagreed.",
)  # fmt: skip
TOLD = (
    "{H} was asked about the {v} {T}{tail}.", "{H} reported on the {v} {T}{tail}.", "{H} declined to comment on the {v} {T}.",
    "{B} condemned the {v} {T}, {H} reported.", "{H} spoke with {B} about the {v} {T}{tail}.", "{H} has not commented on the {v} {T}.",
    "{H} published a report about the {v} {T}.", "{B}, not {H}, welcomed the {v} {T}.", "{H} said the {v} {T} would take a year.",
)  # fmt: skip
# The same few shapes where the models are otherwise read zero-shot.
OTHER_LANGUAGES = {
    "against": (
        "{H} condenó a {T} el viernes.", "{H} acusó a {T} de corrupción.", "{T} fue criticado por {H}.", "{H} rechazó la decisión de {T}.",
        "{H} condenou {T} na sexta-feira.", "{H} acusou {T} de corrupção.", "{T} foi criticado por {H}.", "{H} rejeitou a proposta de {T}.",
        "{H} a condamné {T} vendredi.", "{H} a accusé {T} de corruption.", "{T} a été critiqué par {H}.", "{H} a rejeté la décision de {T}.",
        "{H} hat {T} am Freitag scharf kritisiert.", "{H} wirft {T} Korruption vor.", "{T} wurde von {H} verurteilt.", "{H} verklagt {T}.",
    ),
    "favor": (
        "{H} felicitó a {T} el viernes.", "{H} expresó su apoyo a {T}.", "{T} recibió el respaldo de {H}.", "{H} agradeció a {T} su ayuda.",
        "{H} elogiou {T} na sexta-feira.", "{H} declarou apoio a {T}.", "{T} recebeu o apoio de {H}.", "{H} agradeceu a {T}.",
        "{H} a félicité {T} vendredi.", "{H} a exprimé son soutien à {T}.", "{T} a reçu le soutien de {H}.", "{H} a remercié {T}.",
        "{H} hat {T} am Freitag gelobt.", "{H} unterstützt {T}.", "{T} wird von {H} unterstützt.", "{H} dankte {T} für die Hilfe.",
    ),
    "neutral": (
        "{H} se reunió con {T} el viernes.", "{H} viajará a {T}.", "{H} no criticó a {T}.", "{B} acusó a {H} y a {T}.",
        "{H} reuniu-se com {T} na sexta-feira.", "{H} viajará para {T}.", "{H} não criticou {T}.", "{B} elogiou {H} e {T}.",
        "{H} a rencontré {T} vendredi.", "{H} se rendra à {T}.", "{H} n’a pas critiqué {T}.", "{B} a accusé {H} et {T}.",
        "{H} traf {T} am Freitag.", "{H} reist nach {T}.", "{H} hat {T} nicht kritisiert.", "{B} lobte {H} und {T}.",
    ),
}  # fmt: skip
TAILS = ("", "", "", " on {day}", " {when}", " over the crisis", " in a statement", " after the vote", " for its handling of the protests",
         ", saying the time had come to act", " in an interview with {B}", " as thousands marched in the capital")  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WHEN = ("last week", "yesterday", "earlier this month", "in 2018", "this week", "on Friday evening", "last year")
TITLES = ("President", "Foreign Minister", "Senator", "Prime Minister", "spokeswoman", "opposition leader", "General")
SUBJECTS = ("He", "She", "They", "It", "he", "she", "they")
COUNTRIES = """Venezuela|Peru|the United States|Colombia|France|Germany|Kenya|Nigeria|South Korea|Japan|China|Russia|Turkey|Iran|
Israel|India|Pakistan|Brazil|Mexico|Canada|Poland|Ukraine|Egypt|Ethiopia|Ghana|Spain|Italy|Thailand|Indonesia|the Philippines|
Australia|Washington|Moscow|Beijing|Tehran|Brussels|Caracas""".replace("\n", "")
BODIES = """the United Nations|the European Union|the OAS|NATO|the African Union|Amnesty International|the foreign ministry|
the government|the opposition|the Supreme Court|the Senate|the central bank|Human Rights Watch|the Labour Party|the ruling party|
the army|the police|Greenpeace|the trade union|the World Bank|the city council|the teachers’ union|Republicans|Democrats|
the Group of Lima|the Red Cross|the electoral commission|Parliament|the White House|the Kremlin""".replace("\n", "")


def make_rows(count: int, names: Sequence[str], seed: int, *, english: bool = False) -> Iterator[Row]:
    """`count` rows, a third of each label, and for each stance that is stated one way now and then the way back."""
    chance = random.Random(f"templates-{seed}")
    pool = (COUNTRIES.split("|"), BODIES.split("|"), list(names), list(names))
    made = 0
    while made < count:
        label, shape, verb, back = _draw(chance, english=english)
        row = fill(shape, verb, label, chance, pool)
        if back:
            question = row.question
            assert question.holder is not None
            row = Row(Question(question.text, question.target, question.holder), "neutral", MADE, row.row_id)
        made += 1
        yield row


def _draw(chance: random.Random, *, english: bool) -> tuple[str, str, str, bool]:
    label = chance.choice(("favor", "against", "neutral"))
    kind = chance.random()
    if kind < 0.3:
        return label, chance.choice(QUOTES[label]), "", label != "neutral" and chance.random() < 0.2
    if kind < 0.45 and not english:
        return label, chance.choice(OTHER_LANGUAGES[label]), "", label != "neutral" and chance.random() < 0.2
    if kind < 0.55:
        shape, act = _draw_act(chance, label)
        return label, shape, act, label != "neutral" and chance.random() < 0.1
    verbs = {"favor": FAVOR, "against": AGAINST, "neutral": NEUTRAL if chance.random() < 0.5 else UNSAID}[label]
    back = label != "neutral" and chance.random() < 0.25
    verb = chance.choice(verbs.split("|"))
    shapes = PRONOUNS if kind < 0.62 else SHAPES
    return label, chance.choice([s for s in shapes if PLAIN.search(s)] if "{T}" in verb else shapes), verb, back


def _draw_act(chance: random.Random, label: str) -> tuple[str, str]:
    """A shape that attacks, welcomes or tells an act, and the act: which of the two kinds it is makes the label."""
    if label == "neutral":
        return chance.choice(TOLD), chance.choice(f"{GOODS}|{HARMS}".split("|"))
    shapes, helps = chance.choice(((ATTACKS, label == "against"), (WELCOMES, label == "favor")))
    return chance.choice(shapes), chance.choice((GOODS if helps else HARMS).split("|"))


def fill(shape: str, verb: str, label: str, chance: random.Random, pool: Sequence[Sequence[str]]) -> Row:
    """A sentence of `shape` with names in its slots; H is the holder, T the target, the other letters bystanders."""
    names = {slot: chance.choice(chance.choice(pool)) for slot in "HTBXY"}
    if shape in PRONOUNS and chance.random() < 0.8:
        names["H"] = chance.choice(SUBJECTS)
    words = {"v": verb, "tail": chance.choice(TAILS), "title": chance.choice(TITLES), "day": chance.choice(DAYS),
             "when": chance.choice(WHEN)}
    text = PLAIN.sub("{v}", shape) if "{T}" in verb else shape
    for _ in range(2):  # a tail has slots of its own
        text = re.sub(r"\{(v|tail|title|day|when)\}", lambda match: words[match[1]], text)
    spans: dict[str, tuple[int, int]] = {}
    made = ""
    for part in re.split(r"(\{[HTBXY]\})", text):
        slot = part[1:2] if part.startswith("{") else ""
        name = names[slot] if slot else part
        if slot and not made:
            name = name[0].upper() + name[1:]
        if slot and slot not in spans:
            spans[slot] = (len(made), len(made) + len(name))
        made += name
    return Row(Question(made, spans["H"], spans["T"]), label, MADE, "")
