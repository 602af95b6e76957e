import pytest
from django.db import connection, transaction
from sequences.ledger.audit_numbers import AuditNumbers
from sequences import Sequence, get_next_value
from tests.sequences.marks import autocommit
@autocommit
def test_it(database):
    q=connection.ops.quote_name
    with connection.cursor() as c:
        name='we"ird` %s {x}'
        from sequences.ledger.columns import quoted
        qt=quoted(connection,name).replace("%%","%")
        qc=quoted(connection,'n%o"').replace("%%","%")
        c.execute(f"CREATE TABLE {qt} ({qc} integer, dated date)")
        try:
            for i in list(range(1,413)):
                if i in (17,100,101,102): continue
                c.execute(f"INSERT INTO {qt} VALUES (%s, %s)".replace(qt,quoted(connection,name)), [i, f"20{10+i//28:02}-01-{1+i%28:02}"])
            c.execute(f"INSERT INTO {qt} VALUES (55, '2023-05-05'), (300,'2011-01-01'), (-3, '2011-01-01')")
            a=AuditNumbers.run(table=name,column='n%o"',order_by="dated",using="default").audit
            print(a)
            a=AuditNumbers.run(table=name,column='n%o"',order_by="dated",using="default",sequence=Sequence("x",max_value=400)).audit
            print(a.gaps,a.outside,a.behind)
        finally:
            c.execute(f"DROP TABLE {qt}")
