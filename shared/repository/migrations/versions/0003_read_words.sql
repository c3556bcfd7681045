-- Reads the texts of #word letter by letter, as Python does, and says of each
--   units       its length in UTF-16 units
--   fault       why a genre may not have its characters: the smallest of #fault_range, or NULL
--   is_visible  whether it shows anything
--   folded      fold(word) of shared/tracks/genres.py, where a genre may be as long as the word
CREATE PROCEDURE spotify.read_words
AS
BEGIN
    SET NOCOUNT ON;
    CREATE TABLE #fault_range (first int NOT NULL PRIMARY KEY, last int NOT NULL, fault int NOT NULL);
    CREATE TABLE #blank_range (first int NOT NULL PRIMARY KEY, last int NOT NULL);
    CREATE TABLE #class_range (first int NOT NULL PRIMARY KEY, last int NOT NULL, class int NOT NULL);
    CREATE TABLE #pair (first int NOT NULL, second int NOT NULL, PRIMARY KEY (first, second));
    CREATE TABLE #fold (
        letter nvarchar(2) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY,
        folded nvarchar(3) COLLATE Latin1_General_100_BIN2 NOT NULL
    );
    CREATE TABLE #place (place int NOT NULL PRIMARY KEY);
    WITH digit (n) AS (
        SELECT n FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS digits (n)
    )
    INSERT INTO #place
    SELECT 1 + d.n + 10 * c.n + 100 * b.n + 1000 * a.n
    FROM digit AS a CROSS JOIN digit AS b CROSS JOIN digit AS c CROSS JOIN digit AS d
    WHERE a.n < 4;
    EXEC spotify.read_characters;
    EXEC spotify.read_folds;

    CREATE TABLE #letter (
        word int NOT NULL,
        place int NOT NULL,
        letter nvarchar(2) COLLATE Latin1_General_100_BIN2 NOT NULL,
        code int NOT NULL,
        PRIMARY KEY (word, place)
    );
    -- A letter is a Unicode code point. Without an _SC collation SQL Server counts UTF-16 units:
    -- a high surrogate (55296 to 56319) and the low one after it (56320 to 57343) are one letter.
    INSERT INTO #letter
    SELECT word, place, SUBSTRING(text, place, CASE WHEN is_pair = 1 THEN 2 ELSE 1 END),
        CASE WHEN is_pair = 1 THEN (unit - 55296) * 1024 + next_unit - 56320 + 65536 ELSE unit END
    FROM (
        SELECT word, place, text, unit, next_unit,
            CASE WHEN unit BETWEEN 55296 AND 56319 AND next_unit BETWEEN 56320 AND 57343
                THEN 1 ELSE 0 END AS is_pair,
            CASE WHEN unit BETWEEN 56320 AND 57343 AND previous_unit BETWEEN 55296 AND 56319
                THEN 1 ELSE 0 END AS ends_pair
        FROM (
            SELECT w.id AS word, p.place, w.word AS text,
                UNICODE(SUBSTRING(w.word, p.place, 1)) AS unit,
                UNICODE(SUBSTRING(w.word, p.place + 1, 1)) AS next_unit,
                UNICODE(SUBSTRING(w.word, p.place - 1, 1)) AS previous_unit
            FROM #word AS w JOIN #place AS p ON p.place <= LEN(w.word)
        ) AS units
    ) AS letters WHERE ends_pair = 0;

    CREATE TABLE #code (
        code int NOT NULL PRIMARY KEY,
        fault int,
        class int NOT NULL,
        is_visible int NOT NULL,
        folded nvarchar(3) COLLATE Latin1_General_100_BIN2 NOT NULL
    );
    INSERT INTO #code
    SELECT l.code, f.fault, ISNULL(c.class, 0), CASE WHEN b.first IS NULL THEN 1 ELSE 0 END,
        ISNULL(t.folded, l.letter)
    FROM (SELECT code, MIN(letter) AS letter FROM #letter GROUP BY code) AS l
    LEFT JOIN #fault_range AS f ON l.code BETWEEN f.first AND f.last
    LEFT JOIN #class_range AS c ON l.code BETWEEN c.first AND c.last
    LEFT JOIN #blank_range AS b ON l.code BETWEEN b.first AND b.last
    LEFT JOIN #fold AS t ON t.letter = l.letter;

    UPDATE w SET units = r.units, fault = r.fault, is_visible = r.is_visible
    FROM #word AS w JOIN (
        SELECT l.word, SUM(CASE WHEN l.code > 65535 THEN 2 ELSE 1 END) AS units,
            MIN(c.fault) AS fault, MAX(c.is_visible) AS is_visible
        FROM #letter AS l JOIN #code AS c ON c.code = l.code GROUP BY l.word
    ) AS r ON r.word = w.id;

    -- NFC sorts the marks that follow one another by their classes. It composes a character with
    -- the last one of class 0 before it if nothing is between them, or lower classes only. Folding
    -- makes a dotted capital I (304) a letter and a mark of class 230.
    UPDATE #word SET fault = 1 WHERE id IN (
        SELECT s.word FROM (
            SELECT l.word, l.code, c.class,
                LAG(l.code) OVER (PARTITION BY l.word ORDER BY l.place) AS previous,
                LAG(c.class) OVER (PARTITION BY l.word ORDER BY l.place) AS previous_class,
                MAX(CASE WHEN c.class = 0 THEN l.place END) OVER (
                    PARTITION BY l.word ORDER BY l.place
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS starter
            FROM #letter AS l JOIN #code AS c ON c.code = l.code
        ) AS s
        LEFT JOIN #letter AS b ON b.word = s.word AND b.place = s.starter
        LEFT JOIN #pair AS p ON p.first = b.code AND p.second = s.code
        WHERE (s.class > 0 AND s.previous_class > s.class)
            OR (s.class BETWEEN 1 AND 229 AND s.previous = 304)
            OR (p.first IS NOT NULL AND (s.previous_class = 0 OR s.previous_class < s.class))
    );

    UPDATE w SET folded = f.folded
    FROM #word AS w JOIN (
        SELECT l.word, STRING_AGG(c.folded, N'') WITHIN GROUP (ORDER BY l.place) AS folded
        FROM #letter AS l JOIN #code AS c ON c.code = l.code
        WHERE l.word IN (SELECT id FROM #word WHERE units <= 100)
        GROUP BY l.word
    ) AS f ON f.word = w.id;
END
