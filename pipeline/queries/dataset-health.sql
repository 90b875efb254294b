-- What is in the dataset and what is missing in it: counts to look at after a run.
--
-- One row a measure with its count and its share of all articles: articles without a date or a country, in a language
-- that is not served, without entities or stances, the copies, each flag, and the dead letters by step and reason
-- (their share is of articles and dead letters together).
--
-- Parameters:
-- $country text: only articles filed under this country, by its two-letter code; dead letters have none and are all counted

WITH chosen AS (
    SELECT * FROM articles WHERE $country IS NULL OR country = upper($country)
), total AS (
    SELECT count(*) AS articles FROM chosen
), measured AS (
    SELECT 1 AS place, 'articles' AS measure, count(*) AS count FROM chosen
    UNION ALL SELECT 2, 'stories (copies counted once)', count(DISTINCT coalesce(story_id, article_id)) FROM chosen
    UNION ALL SELECT 3, 'copies of another article', count(duplicate_of) FROM chosen
    UNION ALL SELECT 4, 'no date', count(*) FILTER (date IS NULL) FROM chosen
    UNION ALL SELECT 5, 'no country (ZZ)', count(*) FILTER (country = 'ZZ') FROM chosen
    UNION ALL SELECT 6, 'no headline', count(*) FILTER (headline IS NULL) FROM chosen
    UNION ALL SELECT 7, 'no address', count(*) FILTER (url IS NULL) FROM chosen
    UNION ALL SELECT 8, 'no entities', count(*) FILTER (coalesce(len(entities), 0) = 0) FROM chosen
    UNION ALL SELECT 9, 'no stances', count(*) FILTER (coalesce(len(stances), 0) = 0) FROM chosen
    UNION ALL SELECT 10, 'date from ' || coalesce(date_source, 'none'), count(*) FROM chosen GROUP BY ALL
    UNION ALL SELECT 11, 'language ' || coalesce(language, 'und'), count(*) FROM chosen GROUP BY ALL
    UNION ALL SELECT 12, 'flag ' || flag, count(*) FROM (SELECT unnest(flags) AS flag FROM chosen) GROUP BY ALL
)
SELECT measure, count, round(count / nullif(articles, 0), 4) AS share
FROM (
    SELECT place, measure, count, articles FROM measured, total
    UNION ALL
    SELECT 13, 'dead letter ' || step || ': ' || reason, count(*), any_value(articles + letters)
    FROM dead_letters, total, (SELECT count(*) AS letters FROM dead_letters)
    GROUP BY step, reason
)
ORDER BY place, count DESC, measure;
