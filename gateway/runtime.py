"""The running gateway: every part built from the settings, joined, started and stopped in order."""

import fcntl
import logging
import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Self

from sqlalchemy.engine.url import make_url

from dicomweb.at_once import Turn
from dimse.addresses import Timeouts
from dimse.commitment_reporting import call_and_report
from dimse.incoming import ProviderConfig
from dimse.receive import StorageProvider
from dimse.storing import BeginStore
from gateway.access.caller import Caller
from gateway.access.http import Authenticator, is_loopback
from gateway.access.keys import any_key_exists
from gateway.access.secrets import secret
from gateway.access.strangers import strangers
from gateway.archive.folder_storage import FolderStorage
from gateway.archive.read_audit import SyncedReads
from gateway.archive.read_journal import JournaledReads, recover
from gateway.archive.service import ArchiveService
from gateway.config import ALL_ROLES, Act, ConfigurationError, Role, Settings
from gateway.conversion.codes.tables import load_codes, use_codes
from gateway.database import Database, DatabaseError, now
from gateway.delivery.copies import secondary_captures
from gateway.delivery.metering import Meters
from gateway.delivery.proving.means import named_by, proof_means
from gateway.delivery.proving.reports import ReportDesk
from gateway.delivery.proving.rules import ProofLimits
from gateway.delivery.replacing.source import CopyMaking, replacing_sources
from gateway.delivery.source import archive_source
from gateway.delivery.worker import DeliveryWorker, storage_senders
from gateway.explanation.ahead import ExplainingAhead, leave_the_log
from gateway.explanation.service import Explaining
from gateway.hospitals.committing import PeerCommitments, Ways
from gateway.hospitals.finding import PeerFinder
from gateway.hospitals.move_targets import move_targets
from gateway.hospitals.peers import admitted, caller_of_peer, where_it_listens
from gateway.hospitals.receiving import storing_peers
from gateway.hospitals.remotes import listening
from gateway.hospitals.retrieving import PeerRetriever
from gateway.intake.background import BackgroundIntake
from gateway.intake.examples import Examples
from gateway.intake.idempotency import forget_claims
from gateway.intake.looking import Looking
from gateway.intake.pictures import picture_keys
from gateway.intake.sample_facts import PURPOSE, SampleFactsReader, photos_of_case
from gateway.intake.service import Intake
from gateway.intake.videos import WORKPLACE
from gateway.library.cases.keeping import library_keys
from gateway.library.library import Library
from gateway.migrations.upgrade import prepare
from gateway.operations.metrics import Metrics
from gateway.operations.schedule import Schedule
from gateway.reconciling.late_orders import LateOrders
from gateway.reconciling.service import Reconciling
from gateway.review.answering import Answering
from gateway.review.label_feed import FactsOf
from gateway.review.opinion_reports import OpinionReports
from gateway.serving.agreement import Pair, Tally
from gateway.serving.answering import AnsweringModels
from gateway.serving.models import ServedModels
from gateway.serving.shadow import ShadowJudge
from gateway.serving.switches import SwitchTeller
from gateway.serving.tallies import add_tallies
from gateway.worklists.asking import HospitalWorklist
from inference.bundling import install_bundled
from inference.picture import retain_memory
from inference.store import ModelStore

logger = logging.getLogger(__name__)

SOFTWARE_VERSION = version("dermgate")
PICTURE_MEMORY_BYTES = 128 * 1024**2
"""Kept for the pictures to come: two photos of 12 megapixels."""


class AlreadyRunning(DatabaseError):
    """Another process has this SQLite database in use."""


@dataclass(frozen=True, slots=True)
class PhotoWork:
    """What takes photos in and shows them; only where the role `http` is."""

    models: ServedModels
    shadow: ShadowJudge
    intake: Intake
    looking: Looking
    answering: Answering
    reconciling: Reconciling
    library: Library
    background: BackgroundIntake
    videos: BackgroundIntake
    sample_facts: FactsOf
    explaining: Explaining


class Gateway:
    """Every part of the gateway that lives in one process.

    Building it prepares the database and settles what an earlier process left half-done; `start` begins to listen,
    deliver and tidy up as far as `roles` say; `stop` ends all of that without losing anything.
    """

    def __init__(self, settings: Settings, roles: frozenset[Role] = ALL_ROLES) -> None:
        self.settings = settings
        self.roles = roles
        use_codes(load_codes(settings.site.codes))
        with ExitStack() as opened:
            self.database = Database(settings.archive.database)
            opened.callback(self.database.close)
            if self.database.is_sqlite:
                opened.callback(os.close, _lock(settings.archive.database))
            prepare(self.database)
            self._refuse_strangers()
            self.storage = FolderStorage(Path(settings.archive.storage))
            opened.callback(self.storage.close)
            self._reads = self._read_journal(opened)
            self.archive = ArchiveService(
                self.database, self.storage, other_keys=self._picture_keys, read_audit=self._reads
            )
            self._settle()
            self.worklist = self._hospital_worklist()
            self.reconciling = Reconciling(self.database, self.archive, self.storage, settings)
            self._late_orders = LateOrders(self.reconciling, self.worklist)
            self.photos = self._photo_work(opened) if "http" in roles else None
            self.meters = Meters() if "delivery" in roles else None
            self.metrics = Metrics(self.database, self.photos.models if self.photos else None, self.meters)
            self.authenticator = Authenticator(self.database, trust_local=self._trusts_local())
            self._schedule = Schedule(self.database, self.storage, settings.intake)
            self._commitments = self._peer_commitments()
            self._provider = self._storage_provider()
            self._worker = self._delivery_worker()
            self._opened = opened.pop_all()

    @property
    def short_turn(self) -> Turn | None:
        """Opens a block for reading on the loop's thread; None where a read always waits for the audit trail."""
        turns = self.database.short_turns
        return None if turns is None or self._reads is None else turns.turn

    @property
    def dimse_port(self) -> int:
        """The port the DIMSE provider listens on, also where the settings leave it to the system."""
        return self._provider.port

    def start(self) -> None:
        """Begin the roles' work; raises dimse's CannotListen."""
        if self._reads is not None:
            self._reads.start()
        if "dimse" in self.roles:
            self._provider.start()
            self._opened.callback(self._provider.stop, self.settings.http.shutdown_seconds)
            self._commitments.start()
            self._opened.callback(self._commitments.stop, self.settings.http.shutdown_seconds)
        if "delivery" in self.roles:
            self._worker.start()
            self._opened.callback(self._worker.stop, self.settings.http.shutdown_seconds)
        if self.photos is not None:
            self.photos.shadow.start()
            self._opened.callback(self.photos.shadow.stop)
            self.photos.library.start()
            self._opened.callback(self.photos.library.stop)
            self._start_explaining_ahead(self.photos.explaining)
            for background in (self.photos.background, self.photos.videos):
                background.start()
                self._opened.callback(background.stop)
        if "schedule" in self.roles:
            self._schedule.start()
            self._opened.callback(self._schedule.stop)
            self._late_orders.start()
            self._opened.callback(self._late_orders.stop)

    def stop(self) -> None:
        """End everything, last begun first; what is under way is finished, what waits stays queued."""
        self._opened.close()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _trusts_local(self) -> bool:
        return self.settings.access.loopback_admin and is_loopback(self.settings.http.host)

    def _refuse_strangers(self) -> None:
        """Refuse to listen to others before anybody could show a credential."""
        with self.database.reader() as reader:
            any_key = any_key_exists(reader)
        if faults := strangers(self.settings, self.roles, any_key=any_key):
            raise ConfigurationError(faults)

    def _settle(self) -> None:
        """Bring files and index to agree after whatever ended the last process."""
        self.archive.recover()
        if self.database.is_sqlite:
            with self.database.write() as unit_of_work:
                forget_claims(unit_of_work)

    def _read_journal(self, opened: ExitStack) -> JournaledReads | None:
        """Where reads are entered; None where each waits for the audit trail itself."""
        folder = Path(self.settings.archive.storage) / "audit"
        recover(self.database, folder)
        if self.settings.access.audit_reads == "synced":
            return None
        journal = JournaledReads(self.database, folder)
        opened.callback(journal.close)
        return journal

    def _hospital_worklist(self) -> HospitalWorklist:
        settings = self.settings
        reads = self._reads or SyncedReads(self.database)
        return HospitalWorklist(settings.worklist, settings.dimse.ae_title, reads, settings.site.zone, now)

    def _served_models(self) -> ServedModels:
        store = ModelStore(self.settings.models.store)
        for name in install_bundled(store):
            logger.info("installed a bundled demonstration model", extra={"model": name})
        switches = SwitchTeller(self.database, store)
        switches.look()
        return ServedModels(store, threads=self.settings.models.threads or None, also=switches.look)

    def _photo_work(self, opened: ExitStack) -> PhotoWork:
        retain_memory(PICTURE_MEMORY_BYTES)
        models = self._served_models()
        opened.callback(models.close)
        shadow = ShadowJudge(models, self._keep_tallies)
        library = Library.build(
            self.database,
            self.storage,
            Examples(faces=self.settings.library.faces),
            (models, shadow),
            self.settings,
        )
        intake = Intake(
            database=self.database,
            archive=self.archive,
            storage=self.storage,
            models=models,
            shadow=shadow,
            settings=self.settings,
            software_version=SOFTWARE_VERSION,
            worklist=self.worklist,
            illustrating=library.illustrating,
        )
        opened.callback(intake.close)
        looking = Looking(self.database, self.archive, self.storage)
        reports = OpinionReports(self.database, self.archive, self.settings, SOFTWARE_VERSION)
        answering = Answering(reports, photos_of_case)
        background = BackgroundIntake(self.database, self.storage, intake)
        videos = BackgroundIntake(self.database, self.storage, intake, videos=True)
        return PhotoWork(
            models,
            shadow,
            intake,
            looking,
            answering,
            self.reconciling,
            library,
            background,
            videos,
            self._sample_facts(),
            self._explaining(models, opened),
        )

    def _explaining(self, models: ServedModels, opened: ExitStack) -> Explaining:
        answering = AnsweringModels(models, ModelStore(self.settings.models.store))
        explaining = Explaining(self.database, self.storage, answering, self.settings)
        opened.callback(explaining.close)
        return explaining

    def _start_explaining_ahead(self, explaining: Explaining) -> None:
        if self.settings.explanation.when != "background":
            leave_the_log(self.database)
            return
        ahead = ExplainingAhead(self.database, explaining.ahead)
        ahead.start()
        self._opened.callback(ahead.stop)

    def _sample_facts(self) -> FactsOf:
        with self.database.write() as unit_of_work:
            return SampleFactsReader(secret(unit_of_work.session, PURPOSE)).read

    def _keep_tallies(self, tallies: Mapping[Pair, Tally]) -> None:
        with self.database.write() as unit_of_work:
            add_tallies(unit_of_work, tallies)

    def _delivery_worker(self) -> DeliveryWorker:
        return DeliveryWorker(
            self.database,
            self.settings.destinations,
            self.settings.delivery,
            archive_source(self.archive.instance_for_delivery),
            storage_senders(
                self.settings.dimse.ae_title, secondary_captures(SOFTWARE_VERSION, self.settings.site.uid_root or "")
            ),
            means=proof_means(self.settings.dimse.ae_title),
            source_for=replacing_sources(self.database, self._copy_making()),
            meters=self.meters,
        )

    def _copy_making(self) -> CopyMaking:
        workplace = Path(self.settings.archive.storage) / WORKPLACE
        return CopyMaking(workplace, self.settings.site.uid_root or "", SOFTWARE_VERSION)

    def _storage_provider(self) -> StorageProvider:
        dimse = self.settings.dimse
        config = ProviderConfig(
            host=dimse.host,
            port=dimse.port,
            ae_title=dimse.ae_title,
            peers=admitted(self.settings),
            max_associations=dimse.max_associations,
            max_object_bytes=dimse.max_object_bytes,
            max_answers=dimse.max_answers,
            max_retrieved=dimse.max_retrieved,
            tls=listening(dimse),
            timeouts=Timeouts(network_seconds=dimse.idle_seconds),
        )
        finder = PeerFinder(lambda title: self._who_asks(title, "find"), self.archive.queries_for)
        retriever = PeerRetriever(self._who_asks, self.archive.transfers_for, move_targets(self.settings))
        return StorageProvider(config, self._storing(), finder, retriever, commitments=self._commitments)

    def _peer_commitments(self) -> PeerCommitments:
        settings = self.settings
        desk = ReportDesk(self.database, ProofLimits.of(settings.delivery), now)
        ways = Ways(
            caller_of=lambda title: self._who_asks(title, "commit"),
            commitments_for=self.archive.commitments_for,
            address_of=lambda title: where_it_listens(settings.peers, title),
            call=lambda remote, report: call_and_report(remote, settings.dimse.ae_title, report, Timeouts()),
        )
        return PeerCommitments(
            self.database, ways, lambda title, report: desk.hear(report, named_by(settings.destinations, title)), now
        )

    def _storing(self) -> BeginStore:
        """What takes the instances that peers send."""
        return storing_peers(
            lambda title: caller_of_peer(self.settings.peers, title, "store"),
            lambda caller, sender: self.archive.begin_store(caller, None, sender),
        )

    def _picture_keys(self, keys: set[str]) -> set[str]:
        with self.database.read() as session:
            return picture_keys(session, keys) | library_keys(session, keys)

    def _who_asks(self, calling_ae_title: str, act: Act) -> Caller:
        """The caller that an application entity which asks for something stands for."""
        trusts_local = not self.settings.peers and self.authenticator.trusts_local()
        return caller_of_peer(self.settings.peers, calling_ae_title, act, trusts_local=trusts_local)


def _lock(url: str) -> int:
    """Take the one place beside a SQLite file; it is given back with the process, however that ends."""
    path = f"{make_url(url).database}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise AlreadyRunning(
            "another gateway runs on this SQLite database; several processes need PostgreSQL"
        ) from error
    return descriptor
