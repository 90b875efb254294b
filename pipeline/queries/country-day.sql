-- One country on one day: each story with its main actors and who takes which side.
--
-- One row a story filed under the country (copies are counted, not listed): how many copies, the publisher, the
-- headline, the most salient entities, and the article-level verdicts as "holder > target: against".
--
-- Parameters:
-- $country text, required: the country's two-letter code, such as VE; ZZ for articles whose country is not known
-- $date date, required: the day, such as 2019-01-11
-- $limit integer, default 50: at most so many stories

SELECT article.published_at, article.publisher, article.headline, coalesce(copy.copies, 0) AS copies,
       list_transform(list_slice(list_sort(list_transform(article.entities,
           lambda entity: {'salience': -entity.salience, 'name': entity.name})), 1, 5),
           lambda entity: entity.name) AS actors,
       coalesce(pair.sides, []) AS sides, article.url, article.article_id
FROM articles AS article
LEFT JOIN (SELECT duplicate_of, count(*) AS copies FROM duplicates
           -- a copy may be filed a day later than its original
           WHERE date BETWEEN CAST($date AS DATE) - 1 AND CAST($date AS DATE) + 1
           GROUP BY duplicate_of) AS copy ON copy.duplicate_of = article.article_id
LEFT JOIN (SELECT article_id,
                  list(coalesce(holder_name, '(the article itself)') || ' > ' || target_name || ': ' || verdict
                       ORDER BY score DESC, holder, target) AS sides
           FROM stance_pairs
           WHERE country = upper($country) AND date = $date AND verdict != 'neutral'
           GROUP BY article_id) AS pair ON pair.article_id = article.article_id
WHERE article.country = upper($country) AND article.date = $date AND article.duplicate_of IS NULL
ORDER BY copies DESC, article.published_at, article.article_id
LIMIT $limit;
