-- Which names are in clearly more stories in the last days than in the days before.
--
-- Compares two stretches of the same length: the last $days days up to $until (or to the dataset's last day) and the
-- $days days before them. `surprise` is the change in standard deviations of two Poisson counts,
-- (now - before) / sqrt(now + before): 2 and more is hardly chance. Copies of a story are not counted.
--
-- Parameters:
-- $days integer, default 7: the length of both stretches in days
-- $until date: the last day of the newer stretch; the dataset's last day where it is not given
-- $country text: only stories filed under this country, by its two-letter code
-- $label text: only entities of this kind: PERSON, ORG, LOC, NORP, FAC, PRODUCT or MISC
-- $limit integer, default 20: at most so many names

WITH last AS (
    SELECT coalesce($until, max(date)) AS day FROM articles WHERE $country IS NULL OR country = upper($country)
), named AS (
    SELECT entity.article_id, entity.name, entity.label, entity.date > last.day - CAST($days AS INTEGER) AS is_new
    FROM entities AS entity, last
    WHERE entity.duplicate_of IS NULL
      AND ($country IS NULL OR entity.country = upper($country))
      AND ($label IS NULL OR entity.label = upper($label))
      AND entity.date > last.day - 2 * CAST($days AS INTEGER) AND entity.date <= last.day
)
SELECT mode(name ORDER BY name) AS name, label,
       count(DISTINCT article_id) FILTER (is_new) AS stories_now,
       count(DISTINCT article_id) FILTER (NOT is_new) AS stories_before,
       round((stories_now - stories_before) / sqrt(stories_now + stories_before), 2) AS surprise
FROM named
GROUP BY fold_name(name), label
HAVING stories_now > stories_before
ORDER BY surprise DESC, stories_now DESC, name
LIMIT $limit;
