-- The views of `dateline query` over `articles` (which pipeline/query.py makes from the part files) and `dead_letters`.
--
-- Every view that unnests a list carries its article's `article_id`, `country` and `date`, so that a condition on the
-- partition reaches the files: only the folders that it names are opened. Lists are unnested in the select list, not by
-- a lateral join, because DuckDB pushes conditions through the one and not through the other.

-- A name as names are compared: without accents, case and outer blanks.
CREATE MACRO fold_name(name) AS lower(strip_accents(trim(name)));

-- Whether one of `names` is `wanted`, accents and case aside.
CREATE MACRO is_named(names, wanted) AS list_contains(list_transform(names, lambda name: fold_name(name)), fold_name(wanted));

-- One row a mention; `mention` is its place in the article's list, `entity_name` what it refers to.
CREATE VIEW mentions AS
SELECT article_id, country, date, place - 1 AS mention, item.text, item.start_char, item.end_char, item.label,
       item.score, item.entity, entities[item.entity + 1].name AS entity_name
FROM (SELECT article_id, country, date, entities, unnest(mentions) AS item, generate_subscripts(mentions, 1) AS place
      FROM articles);

-- One row an entity of an article; `entity_country` is the country that the entity stands for, `names` all its names.
CREATE VIEW entities AS
SELECT article_id, country, date, story_id, duplicate_of, place - 1 AS entity, item.name, item.label,
       item.country AS entity_country, item.aliases, item.mentions, item.salience,
       list_prepend(item.name, item.aliases) AS names
FROM (SELECT article_id, country, date, story_id, duplicate_of, unnest(entities) AS item,
             generate_subscripts(entities, 1) AS place
      FROM articles);

-- One row a piece of evidence: who stands how towards whom, with the sentence itself. No holder: the article's voice.
CREATE VIEW stances AS
SELECT article_id, country, date, story_id, duplicate_of, headline, url, item.holder, item.holder_name,
       holder.label AS holder_label, holder.country AS holder_country,
       list_prepend(item.holder_name, holder.aliases) AS holder_names, item.target, item.target_name,
       target.label AS target_label, target.country AS target_country,
       list_prepend(item.target_name, target.aliases) AS target_names, item.stance, item.score, item.favor,
       item.against, item.neutral, item.evidence_start, item.evidence_end,
       substring(text, item.evidence_start + 1, item.evidence_end - item.evidence_start) AS evidence, item.via
FROM (SELECT *, entities[item.holder + 1] AS holder, entities[item.target + 1] AS target
      FROM (SELECT article_id, country, date, story_id, duplicate_of, headline, url, text, entities,
                   unnest(stances) AS item
            FROM articles));

-- One row an (article, holder, target): the article-level verdict over its evidence rows.
--   verdict   favor or against, whichever carries more weight (the sum of its rows' scores); neutral where no row takes
--             a side or both weigh the same
--   share     the verdict's weight in the weight of all rows
--   evidence  the text of the strongest row that says the verdict (the first one of equals)
CREATE VIEW stance_pairs AS
SELECT article_id, country, date, story_id, duplicate_of, headline, url, holder, holder_name, holder_label,
       holder_country, holder_names, target, target_name, target_label, target_country, target_names, verdict,
       CAST(round(CASE verdict WHEN 'favor' THEN favor_weight WHEN 'against' THEN against_weight
                               ELSE all_weight - favor_weight - against_weight END / all_weight, 4) AS FLOAT) AS share,
       strongest.score, strongest.evidence, strongest.evidence_start, strongest.evidence_end, strongest.via,
       rows, favor_rows, against_rows, rows - favor_rows - against_rows AS neutral_rows
FROM (SELECT *, CASE verdict WHEN 'favor' THEN for_favor WHEN 'against' THEN for_against
                             ELSE coalesce(for_neutral, for_any) END AS strongest
      FROM (SELECT *, CASE WHEN favor_weight > against_weight THEN 'favor'
                           WHEN against_weight > favor_weight THEN 'against' ELSE 'neutral' END AS verdict
            FROM (SELECT article_id, country, date, holder, target,
                         any_value(story_id) AS story_id, any_value(duplicate_of) AS duplicate_of,
                         any_value(headline) AS headline, any_value(url) AS url,
                         any_value(holder_name) AS holder_name, any_value(holder_label) AS holder_label,
                         any_value(holder_country) AS holder_country, any_value(holder_names) AS holder_names,
                         any_value(target_name) AS target_name, any_value(target_label) AS target_label,
                         any_value(target_country) AS target_country, any_value(target_names) AS target_names,
                         count(*) AS rows,
                         count(*) FILTER (stance = 'favor') AS favor_rows,
                         count(*) FILTER (stance = 'against') AS against_rows,
                         -- rounded, so that the order in which floats are added cannot break or make a tie
                         round(sum(score), 5) AS all_weight,
                         round(coalesce(sum(score) FILTER (stance = 'favor'), 0), 5) AS favor_weight,
                         round(coalesce(sum(score) FILTER (stance = 'against'), 0), 5) AS against_weight,
                         first(proof ORDER BY score DESC, evidence_start) FILTER (stance = 'favor') AS for_favor,
                         first(proof ORDER BY score DESC, evidence_start) FILTER (stance = 'against') AS for_against,
                         first(proof ORDER BY score DESC, evidence_start) FILTER (stance = 'neutral') AS for_neutral,
                         first(proof ORDER BY score DESC, evidence_start) AS for_any
                  FROM (SELECT *, struct_pack(score, evidence, evidence_start, evidence_end, via) AS proof FROM stances)
                  GROUP BY article_id, country, date, holder, target)));

-- One row a country in an article's story; `code` is that country, `country` the one the article is filed under.
CREATE VIEW countries AS
SELECT article_id, country, date, story_id, duplicate_of, item.code, item.share, item.mentions
FROM (SELECT article_id, country, date, story_id, duplicate_of, unnest(countries) AS item FROM articles);

-- One row an article that repeats an earlier one. Counting once is `WHERE duplicate_of IS NULL`.
CREATE VIEW duplicates AS
SELECT article_id, country, date, published_at, publisher, headline, url, story_id, duplicate_of
FROM articles
WHERE duplicate_of IS NOT NULL;
