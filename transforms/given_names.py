"""Given names and words that tell whether a person is a man or a woman: frequent ones of the news, folded.

Names that both bear (Andrea, Jean, Robin, Kim) are left out; so is every ending rule: a name that is not here tells
nothing.
"""

MEN = frozenset(
    """
    aaron abdel abdul abdullah adam adrian ahmad ahmed alan albert alberto alejandro aleksandr alessandro alex
    alexander alexandre alexei alexey alfred alfredo ali alvaro amir anders andre andreas andrei andrew andrij
    andriy angus anthony antoine anton antonio antony ari arthur arturo ashraf austin baltasar barack bart bashar
    benjamin benny bernard bernie bert bill bjorn bob bobby boris brad brendan brett brian bruce bruno carl carlos
    cesar chad charles chris christian christoph christopher claude claudio colin craig cristiano cyril dan daniel
    daniele dario dave david denis dennis diego dieter dimitri dirk dmitri dmitry dominic don donald doug douglas
    duncan ed edgar eduardo edward edwin elias elliott elon emanuel emiliano emilio emmanuel enrico enrique eric
    erik ernesto ernst ethan eugene evan evo fabio federico felipe felix ferdinand fernando fidel francesco francis
    francisco franck francois frank frederic frederick fritz gareth gary gavin geert geoffrey george georges gerald
    gerard gerhard gerry gilles giorgio giovanni giuseppe glenn gordon graham greg gregory guillaume guillermo
    gunter gustavo guy hamid hamza hans harold harry hassan hector heiko heinz helmut henri henrik henrique henry
    herbert hernan horacio horst howard hubert hugh hugo hussein ian ibrahim igor imran ivan jacek jack jacob
    jacques jaime jair jake jakob jamal james jared jason javier jeff jeffrey jens jeremy jerome jerry jesus jim
    jimmy joao joaquin joe joel johan johann johannes john johnny jonas jonathan jorge jose josef joseph josh joshua
    juan julian julien julio junior justin karim karl keir keith ken kenneth kevin khaled khalid klaus konstantin
    kurt larry lars laurent lawrence leo leon leonardo leonid leopoldo lewis liam lionel lorenzo louis luca lucas
    luis luiz lukas luke maciej mahmoud manuel marc marcel marcelo marco marcos marcus mariano mario marius mark
    markus martin mateo mateusz matt matteo matthew matthias maurice mauricio max maxim maxime michael michal michel
    miguel mikael mike mikhail milan mitch mitt mohamed mohammad mohammed mohsen moises muammar muhammad mustafa
    narendra nathan ned neil nelson nestor niall nicholas nick nicolae nicolas nigel nikolai nils noah norbert olaf
    oleg oliver olivier omar osama oscar oskar otto pablo paolo pascal patrick paul paulo pavel pedro pete peter
    petr petro phil philip philippe pierre piotr rafael rahul ralph ramon randy raul ray raymond recep reinhard rene
    rex ricardo riccardo richard rick ricky rob robert roberto rodrigo roger roland roman romano ron ronald ross roy
    rudolf rudy russell ryan said salman salvador salvatore sam samuel santiago scott sean sebastian sebastien serge
    sergei sergey sergio shinzo silvio simon stanislav stefan stefano stephane stephen steve steven stuart sven
    tariq ted terry theo theodore thierry thomas tim timothy tobias todd tom tomas tommy tony travis trevor ulrich
    valdis valentin vicente victor viktor vincent vladimir volodymyr wade walter warren wayne werner will william
    winston wolfgang xavier yasser yevgeny yves zachary
    """.split()
)
WOMEN = frozenset(
    """
    abigail adriana agnes aisha alexandra alexandria alice alicia alina alison alyssa amanda amelia amina amy ana
    anastasia angela angelina anita anja ann anna annalena anne annegret annette annie antonia astrid audrey ayesha
    barbara beatrice beatriz bella benazir beth betty birgit brenda brigitte brittany camila carla carmen carol
    carola carolina caroline carrie catalina catherine cecilia celia chantal charlotte chelsea christiane christina
    christine claire clara claudia concepcion condoleezza cristina cynthia daniela dawn deborah delcy denise diana
    diane dilma dina dolores donna dora dorothy edith elaine eleanor elena eleonora elisa elisabeth elise eliza
    elizabeth ella ellen eloise elsa emilia emily emma erika erna esther eugenia eva eve evelyn fatima federica
    fiona florence frances francesca francine franziska frida gabriela georgia georgina gertrud giorgia gisele
    gloria grace greta gretchen hannah harriet heather heidi helen helena helene helle hilary hillary ida ilse ines
    ingrid irene irina iris isabel isabella isabelle ivanka jacinda jacqueline jane janet janice jeanine jeanne
    jennifer jessica jill joan joanna joanne johanna josephine joyce juana judith judy julia juliana julie juliette
    kaja karen karin karla karoline kate katharina katherine kathleen kathy katie katja katrin kayla keiko kelly
    kirsten kristalina kristina kyrsten lara laura lauren laurence leila lena leonor leticia lidia lilian liliana
    lily linda lisa liz lorena loretta louise lucia lucie lucy luisa lydia magdalena maia malala manuela marcia
    margaret margarita margot margrethe maria mariana mariann marie mariela marina marine marta martha martina mary
    matilda maud maya megan meghan melania melanie mercedes mette mia michaela michelle milagros miriam mitzi molly
    monica monika monique nadia nadine nancy naomi natalia natalie natasha nathalie nicole nikki nina noor nora olga
    olivia pamela patricia paula pauline penelope petra philippa pilar priscilla priti priyanka rachel raquel
    rebecca regina renata rita roberta rosa rosalia rosario rose rosemary roxana ruth sabine sally samantha sandra
    sanna sara sarah sharon sheila shirley silvia simone sofia sonia sophia sophie stacey stephanie sue susan susana
    susanne suzanne svetlana sviatlana sylvia sylvie tamara tania tatiana teresa theresa tulsi ursula valentina
    valeria valerie vanessa vera veronica veronika victoria violeta virginia vivian wendy ximena yolanda yulia
    yvette yvonne zoe zuzana
    """.split()
)
MALE_WORDS = frozenset(
    "mr sir lord king prince duke emperor sultan emir pope father brother congressman chairman spokesman businessman "
    "sheikh monsieur m herr senor sr don presidente ministro president ministre prasident actor husband son".split()
) - {"president", "presidente", "ministre", "ministro"}  # women are called by these, too
FEMALE_WORDS = frozenset(
    "mrs ms miss madam lady dame queen princess duchess empress sister congresswoman chairwoman spokeswoman "
    "businesswoman madame mme mademoiselle frau senora sra dona presidenta ministra prasidentin ministerin "
    "kanzlerin bundeskanzlerin actress wife daughter mother fiancee".split()
)
