-- Who or what is most contested: supported by some and opposed by others.
--
-- One row a target: distinct holders in favor and against, and in how many verdicts. `contest` is the smaller of the
-- two numbers of holders in the larger: 1 is evenly split. Ordered by the smaller number, so that a target with ten on
-- either side comes before one with two. Copies of a story are not counted.
--
-- Parameters:
-- $since date: the first day to look at
-- $until date: the last day to look at
-- $country text: only stories filed under this country, by its two-letter code
-- $limit integer, default 20: at most so many targets

SELECT mode(target_name ORDER BY target_name) AS target,
       count(DISTINCT fold_name(holder_name)) FILTER (verdict = 'favor') AS holders_in_favor,
       count(DISTINCT fold_name(holder_name)) FILTER (verdict = 'against') AS holders_against,
       count(*) FILTER (verdict = 'favor') AS favor_verdicts,
       count(*) FILTER (verdict = 'against') AS against_verdicts,
       round(least(holders_in_favor, holders_against) / greatest(holders_in_favor, holders_against), 2) AS contest,
       first(evidence ORDER BY score DESC, article_id) FILTER (verdict = 'favor') AS strongest_favor,
       first(evidence ORDER BY score DESC, article_id) FILTER (verdict = 'against') AS strongest_against
FROM stance_pairs
WHERE duplicate_of IS NULL AND holder IS NOT NULL
  AND ($since IS NULL OR date >= $since)
  AND ($until IS NULL OR date <= $until)
  AND ($country IS NULL OR country = upper($country))
GROUP BY fold_name(target_name)
HAVING holders_in_favor > 0 AND holders_against > 0
ORDER BY least(holders_in_favor, holders_against) DESC, contest DESC, favor_verdicts + against_verdicts DESC, target
LIMIT $limit;
