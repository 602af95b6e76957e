import threading, time
import pytest
from django.db import connection, transaction
from tests.documents.models import Document
from sequences import Sequence, AllocateNumber
from sequences.guarantees import Guarantee
from sequences.allocation.number_pending import NumberPending
from sequences.allocation.claim_number import ClaimNumber
from sequences.allocation.replenish_pool import ReplenishPool
from sequences.blocks import BlockAllocator

pytestmark = pytest.mark.django_db(transaction=True)

def test_grouped():
    s = Sequence("g", guarantee=Guarantee.GROUPED, column="documents.Document.number", increment=2)
    docs = [Document.objects.create(day=-i) for i in range(10)]
    r = NumberPending.run(sequence=s, pending=Document.objects.order_by("day"))
    assert r.count == 10
    assert list(Document.objects.order_by("day").values_list("number", flat=True)) == list(range(1,20,2))
    d = Document.objects.create()
    r = NumberPending.run(sequence=s, pending=Document.objects.all(), document=d.pk)
    assert (r.count, r.value) == (1, 21)
    r = NumberPending.run(sequence=s, pending=Document.objects.all(), document=d.pk)
    assert (r.count, r.value) == (0, 21)
    errors = []
    def work():
        try:
            for _ in range(10):
                with transaction.atomic():
                    d = Document.objects.create()
                assert NumberPending.run(sequence=s, pending=Document.objects.order_by("pk"), document=d.pk).value
        except Exception as e: errors.append(e)
        finally: connection.close()
    ts=[threading.Thread(target=work) for _ in range(8)]
    [t.start() for t in ts]; [t.join() for t in ts]
    assert not errors, errors
    assert sorted(Document.objects.values_list("number", flat=True)) == list(range(1, 2*91, 2))

def test_pooled():
    s = Sequence("p", guarantee=Guarantee.POOLED, column="documents.Document.number", block_size=5)
    def one(fail=False):
        with transaction.atomic():
            n = ClaimNumber.run(sequence=s).value
            Document.objects.create(number=n)
            if fail: transaction.set_rollback(True)
        return n
    a=[one() for _ in range(3)]
    one(True)
    b=[one() for _ in range(3)]
    print(a,b)
    for _ in range(2): print("freed", ReplenishPool.run(sequence=s).freed)
    c=[one() for _ in range(3)]
    print(c)
    got=sorted(Document.objects.values_list("number", flat=True))
    print(got)
    assert got == list(range(got[0], got[0]+9))

def test_blocks():
    s = Sequence("b", guarantee=Guarantee.BLOCKS, block_size=100)
    with BlockAllocator(s) as a:
        got=[next(a) for _ in range(250)]
        assert got==list(range(1,251))
        time.sleep(0.1)
    print(Sequence("b").get_last_value())
    assert Sequence("b").get_last_value()==250
    big = Sequence("big", guarantee=Guarantee.BLOCKS, block_size=1000000)
    with BlockAllocator(big) as a:
        a.take()
        t=time.perf_counter(); 
        for _ in range(1000000): a.take()
        print(connection.vendor, 1e6/(time.perf_counter()-t), "/s")
