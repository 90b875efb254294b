-- Who supports somebody or something, how often, and the sentence that shows it best.
--
-- One row a holder: in how many stories (copies of a story count once) its verdict on the target is `favor`, in how
-- many it is `against`, the first and the last day, and the strongest sentence with its headline and address. The target
-- is found by its name or any of its other names in the article, whatever the accents and the case. The article's own
-- voice is listed as (the article itself).
--
-- Parameters:
-- $target text, required: a name of the person, party, country or body, such as "Nicolás Maduro"
-- $since date: the first day to look at
-- $until date: the last day to look at
-- $country text: only stories filed under this country, by its two-letter code
-- $limit integer, default 20: at most so many holders

SELECT coalesce(mode(holder_name ORDER BY holder_name), '(the article itself)') AS holder,
       count(DISTINCT coalesce(story_id, article_id)) FILTER (verdict = 'favor') AS favor_stories,
       count(DISTINCT coalesce(story_id, article_id)) FILTER (verdict = 'against') AS against_stories,
       min(date) FILTER (verdict = 'favor') AS first_day,
       max(date) FILTER (verdict = 'favor') AS last_day,
       first(evidence ORDER BY score DESC, article_id) FILTER (verdict = 'favor') AS evidence,
       first(headline ORDER BY score DESC, article_id) FILTER (verdict = 'favor') AS headline,
       first(url ORDER BY score DESC, article_id) FILTER (verdict = 'favor') AS url
FROM stance_pairs
WHERE is_named(target_names, $target)
  AND ($since IS NULL OR date >= $since)
  AND ($until IS NULL OR date <= $until)
  AND ($country IS NULL OR country = upper($country))
GROUP BY fold_name(holder_name)
HAVING favor_stories > 0
ORDER BY favor_stories DESC, against_stories, holder
LIMIT $limit;
