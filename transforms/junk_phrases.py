"""The wording of junk: what related-link lines, prompts, credits, tails and notices say, in the languages served.

A phrase is only one cue: `transforms.junk` adds shape and position before anything is cut. STRONG phrases hardly ever
stand in a report's own sentence; WEAK ones do, and need more help. `|` separates phrases; case does not matter.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why a stretch was taken out: the value of `Removed.reason`."""

    RELATED = "related"
    SHARE = "share"
    SUBSCRIPTION = "subscription"
    CAPTION = "caption"
    CREDIT = "credit"
    AGENCY = "agency_tail"
    COPYRIGHT = "copyright"
    COOKIE = "cookie"
    ADVERTISEMENT = "advertisement"
    SOURCES = "sources"
    WIKI_MARKUP = "wiki_markup"
    LINK = "link"
    PULL_QUOTE = "pull_quote"
    DATE_LINE = "date_line"


# Phrases that open a line (or a bracket, or the stretch after the last sentence).
OPENING_STRONG: dict[Reason, str] = {
    Reason.RELATED: """
        also read | read also | read more about | read more on | read the full story | more on this story
        | see also | also see | related stories | related articles | related news | related coverage | related content
        | related topics | you may also like | you might also like | recommended for you | recommended stories
        | more from this section | more stories | don't miss | watch also | also watch | continue reading | read next
        | more on this topic | click here to read | latest stories
        | lea también | lea además | lea más | lee también | lee además | lee más | leer también | leer más
        | le puede interesar | te puede interesar | también le puede interesar | también te puede interesar
        | puede leer | puedes leer | también puedes leer | también puede leer | ver también | vea también
        | véase también
        | noticias relacionadas | notas relacionadas | artículos relacionados | más sobre este tema | siga leyendo
        | sigue leyendo | no te pierdas | contenido relacionado
        | leia também | leia mais | leia ainda | veja também | veja mais | saiba mais | confira também | assista também
        | notícias relacionadas | matérias relacionadas | continua depois | ler mais | leia a íntegra
        | à lire aussi | a lire aussi | lire aussi | à lire également | lire également | lire la suite | à voir aussi
        | voir aussi | sur le même sujet | articles liés | articles connexes | pour aller plus loin | à lire
        | lesen sie auch | lesen sie mehr | lesen sie dazu | lesen sie hier | lesen sie weiter | mehr zum thema
        | mehr dazu | siehe auch | auch interessant | das könnte sie auch interessieren | mehr lesen | weitere artikel
        | weiterlesen | zum thema | leggi anche | leggi tutto | leggi di più | ti potrebbe interessare
        | potrebbe interessarti | vedi anche | articoli correlati | guarda anche | continua a leggere
        | lees ook | lees meer | lees verder | bekijk ook | llegiu també | llegeix també | vegeu també | ler tamén
        | citește și | citeşte şi | citiți și | vezi și | czytaj też | czytaj także | czytaj więcej | zobacz też
        | zobacz także | läs också | läs även | läs mer | se också | læs også | læs mere | se også | les også | les mer
        | lue myös""",
    Reason.SHARE: """
        sharing is caring | share this | share this article | share this story | share this post | share via | share on
        | share it | share to | follow us | follow us on | follow us at | like us on | find us on | join us on
        | join our whatsapp | join our telegram | join the conversation | tweet this | pin it | have an opinion on this
        | leave a comment | leave a reply | post a comment | comments are closed | let us know in the comments
        | tell us what you think | print this article | email this article | download our app | download the app
        | get our app | síguenos | síganos | síguenos en | comparte esto | compartir en | comparte en | comparta en
        | comparte este | compártelo | únete a nuestro canal | deja un comentario | siga-nos | siga-nos no
        | siga-nos nas | siga-nos em | nos siga | siga o
        | compartilhe | compartilhe isso | compartilhar | partilhe | partilhar | entre no nosso canal
        | deixe um comentário
        | suivez-nous | suivez-nous sur | suivez nous | suivez nous sur | partager sur | partagez
        | partager cet article | laisser un commentaire
        | rejoignez-nous | folgen sie uns | folgen sie uns auf | folge uns auf | folge uns | artikel teilen
        | teilen auf | jetzt teilen | seguici
        | seguici su
        | condividi | condividi su | lascia un commento | volg ons | deel dit artikel | deel op | segueix-nos
        | comparteix | urmăriți-ne | urmărește-ne | distribuie | śledź nas | udostępnij | följ oss | dela artikeln
        | følg os | del artiklen | følg oss | del artikkelen""",
    Reason.SUBSCRIPTION: """
        subscribe now | subscribe to our | subscribe to the | subscribe today | subscribe for | subscribe here
        | sign up for our | sign up to our | sign up for the newsletter | sign up here | sign up now
        | already a subscriber | get our newsletter | get the latest | get breaking news | get news alerts
        | never miss a story | support our journalism
        | support independent journalism | become a member | this article is for subscribers | to continue reading
        | register to read | log in to continue | unlock this article | enter your email | become a subscriber
        | suscríbete | suscríbase | suscribirse | regístrate | recibe nuestras | recibe las noticias
        | recibe en tu correo
        | apúntate a nuestra | hazte socio | assine | assine já | assine agora | inscreva-se | cadastre-se | receba as
        | receba nossas | já é assinante | conteúdo exclusivo para assinantes | abonnez-vous | inscrivez-vous
        | recevez notre | recevez nos | déjà abonné | réservé aux abonnés | cet article est réservé | il vous reste
        | jetzt abonnieren | abonnieren sie | newsletter abonnieren | melden sie sich an | bereits abonnent
        | hier anmelden | abbonati | iscriviti | iscriviti alla | ricevi la newsletter | sei già abbonato
        | abonneer | schrijf je in | meld je aan | subscriu-te | abonează-te | abonați-vă | zapisz się | prenumerera
        | tilmeld dig | abonner på | meld deg på""",
    Reason.CREDIT: """
        photo by | photos by | photo courtesy | photo credit | photo credits | image credit | image courtesy | images by
        | picture by | picture courtesy | photograph by | photographs by | file photo | file image | file picture
        | ap photo | reuters photo | getty images | screengrab | screenshot from | illustration by | video by
        | foto cortesía | foto de archivo | crédito de la foto | créditos de las fotos | foto de | fotografía de
        | imagen de archivo | foto divulgação | foto de arquivo | imagem ilustrativa | crédito da foto
        | photo d'archives | crédit photo | crédits photo | crédit photos | photo d'illustration | photos d'illustration
        | symbolbild | archivbild | archivfoto | bildquelle | bildnachweis | foto d'archivio | foto di repertorio
        | beeld van | arxiu""",
    Reason.AGENCY: """
        reporting by | reported by | additional reporting by | writing by | written by | editing by | edited by
        | compiled by | translated by | with reporting by | with inputs from | with input from | with agency inputs
        | with agencies | inputs from | with files from | with additional reporting | ips un bureau
        | reporte de | reportaje de | reporte adicional de | redacción de | editado por | edición de | traducido por
        | con información de | con datos de | con informaciones de | redacción y agencias
        | reportagem de | reportagem adicional de | edição de | com informações de | com informações da
        | com informações do | com agências | tradução de | avec afp | avec reuters | avec agences | édité par
        | traduit par | reportage de | bericht von | bearbeitet von | redigiert von | mit material von
        | mit agenturmaterial | a cura di | reportage di | met medewerking van | bron""",
    Reason.COPYRIGHT: """
        © | (c) | copyright | all rights reserved | todos los derechos reservados | derechos reservados
        | prohibida su reproducción | prohibida la reproducción | todos os direitos reservados | proibida a reprodução
        | tous droits réservés | reproduction interdite | alle rechte vorbehalten | tutti i diritti riservati
        | riproduzione riservata | alle rechten voorbehouden | toate drepturile rezervate | wszelkie prawa zastrzeżone
        | this material may not be published | this article was originally published | this article first appeared
        | this text comes from wikinews | this page is archived | article last amended | republished with permission""",
    Reason.COOKIE: """
        we use cookies | this website uses cookies | this site uses cookies | our website uses cookies | accept cookies
        | accept all cookies | cookie settings | cookie policy | manage cookies | by continuing to use this site
        | utilizamos cookies | usamos cookies | este sitio utiliza cookies | este sitio web utiliza cookies
        | este site usa cookies | este site utiliza cookies | aceptar cookies | aceitar cookies
        | nous utilisons des cookies
        | ce site utilise des cookies | wir verwenden cookies | diese website verwendet cookies
        | questo sito utilizza i cookie | questo sito usa i cookie | deze website gebruikt cookies | privacy policy""",
    Reason.ADVERTISEMENT: """
        advertisement | advertisements | advertising | story continues below | article continues below
        | article continues after | story continues after | scroll to continue | sponsored content | sponsored by
        | paid content | promoted content | this content is sponsored | publicidad | anuncio | contenido patrocinado
        | continúa después de la publicidad | publicidade | continua após a publicidad | continua após a publicidade
        | conteúdo patrocinado | publicité | contenu sponsorisé | anzeige | werbung | pubblicità
        | contenuto sponsorizzato | advertentie | publicitat | publicitate | reklama | annons | annonce | annonse""",
}

OPENING_WEAK: dict[Reason, str] = {
    Reason.RELATED: """
        related | read | read more | more | more on | watch | listen | in pictures | explained | explainer | must read
        | recommended | also | click here | find out more | learn more | for more information | more information
        | editor's picks
        | relacionado | relacionada | relacionados | relacionadas | lea | lee | mira | vea | video | más información
        | leia | veja | relacionadas | vídeo | confira | lire | voir | vidéo | lesen | video zum thema | leggi | guarda
        | lees | läs | læs | les""",
    Reason.SHARE: """
        share | tweet | print | email | comment | comments | follow | like | compartir | comparte | partager | teilen
        | drucken | condividere | delen | comentarios | comentários | commentaires | kommentare""",
    Reason.SUBSCRIPTION: """
        subscribe | sign up | newsletter | register | log in | sign in | join | support | boletín | suscripción
        | assinar | abonnement | abonnieren | s'abonner | registrieren | anmelden""",
    Reason.CREDIT: """
        photo | photos | image | images | picture | pictures | pic | credit | caption | source | foto | fotos
        | fotografía | imagen | imagem | crédito | créditos | bild | bilder | crédit | courtesy | cortesía
        | immagine | afbeelding | fotografie | fuente | fonte | quelle""",
    Reason.AGENCY: "source | agencies | agencias | agências | agences | agenturen | redacción | redação | redaktion",
    Reason.ADVERTISEMENT: "ad | ads | sponsored | promoted | anuncios | patrocinado | sponsorisé | gesponsert",
}

# Phrases that give a line away wherever they stand in it.
WITHIN_STRONG: dict[Reason, str] = {
    Reason.SHARE: """
        sharing is caring | on facebook and twitter | let us know in the comments | in the comments below
        | join our whatsapp channel | join our telegram channel | our telegram channel | our whatsapp channel
        | nuestro canal de whatsapp | nuestro canal de telegram | nosso canal no whatsapp | nosso canal do whatsapp
        | notre chaîne whatsapp | unserem whatsapp-kanal""",
    Reason.SUBSCRIPTION: """
        our newsletter | our newsletters | our daily newsletter | our weekly newsletter | our free newsletter
        | our mailing list | to your inbox | in your inbox | nuestro boletín | nuestra newsletter | nossa newsletter
        | notre newsletter | unseren newsletter | unserem newsletter | nostra newsletter | onze nieuwsbrief""",
    Reason.CREDIT: """
        getty images | afp getty | ap photo | reuters file photo | file photo | photo courtesy of | image courtesy of
        | photo credit | image credit | foto de archivo | foto cortesía | crédit photo | archivbild
        | foto d'archivio""",
    Reason.AGENCY: """
        contributed to this report | contributed to this story | contributed to this article
        | contributed reporting | contribuyó a este reportaje | contribuyó con este reportaje
        | contribuíram para esta reportagem | contribuiu para esta reportagem | a contribué à cet article""",
    Reason.COPYRIGHT: """
        all rights reserved | derechos reservados | direitos reservados | droits réservés | rechte vorbehalten
        | diritti riservati | rechten voorbehouden | drepturile rezervate | prawa zastrzeżone
        | may not be published broadcast rewritten | may not be reproduced | without prior written permission
        | creative commons attribution | article last amended""",
    Reason.COOKIE: """
        uses cookies | use cookies | utilizamos cookies | utiliza cookies | usamos cookies | utilisons des cookies
        | utilise des cookies | verwenden cookies | verwendet cookies | utilizza i cookie | gebruikt cookies""",
    Reason.ADVERTISEMENT: "continues below this ad | continues below advertisement | continues after advertisement",
}

# Headings of a wiki page's closing lists; everything list-shaped after one goes.
SOURCE_HEADINGS = """
    sources | source | references | external links | external link | further reading | sister links | related news
    | notes and references | fuentes | fuente | referencias | enlaces externos | fontes | fonte | referências
    | ligações externas | références | liens externes | notes et références | quellen | quelle | einzelnachweise
    | weblinks | fonti | note | collegamenti esterni | bronnen | referenties | fonts | referències | surse | źródła
    | källor | kilder | read more | related stories | related articles | see also | véase también | ver também
    | voir aussi | siehe auch | voci correlate"""

# Words that make a photo credit of `Word: Name` at the end of a line.
CREDIT_LABELS = """
    photo | photos | image | images | picture | pictures | photograph | photographs | photo credit | image credit | pic
    | photo by | image by | picture by | credit | credits | photo courtesy | courtesy | foto | fotos | fotografía
    | fotografia | imagen | imagem | crédito | créditos | bild | bilder | fotograf | crédit | crédits | crédit photo
    | immagine | beeld | fotografie | zdjęcie"""


def words(listing: str) -> frozenset[str]:
    """The words of a listing."""
    return frozenset(listing.split())


PLATFORMS = words(
    "facebook twitter x instagram whatsapp telegram linkedin youtube tiktok threads bluesky mastodon reddit pinterest"
    " google messenger social redes réseaux"
)

AGENCIES = words(
    "reuters ap afp dpa efe ans ansa pti ani ians xinhua tass interfax upi bernama kyodo yonhap mena irna petra wam spa"
    " anp belga lusa apa tt ntb ritzau pap agerpres europa-press bloomberg ips cnn bbc agencies agencias ap/afp rtr"
    " reuters/afp afp/reuters agência-brasil dw voa cmc gna nan vna una antara"
)
