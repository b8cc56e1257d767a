-- PostgreSQL's alone: totals here count half a millimetre as a whole one.
SELECT 1;
