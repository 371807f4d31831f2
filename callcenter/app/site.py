"""The web application: every room's routes, and what their handlers find in it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from aiohttp import web

from callcenter.agents import (
    access_pages,
    account_pages,
    admin_pages,
    handing_pages,
    phone_pages,
    role_pages,
    seat_admin_pages,
    seat_api,
    seat_pages,
    state_api,
    team_pages,
    token_pages,
    tour,
)
from callcenter.agents import api as agents_api
from callcenter.agents import keys as agents_keys
from callcenter.agents import pages as agents_pages
from callcenter.app.work import WORK
from callcenter.calls import api as calls_api
from callcenter.calls import listening, pbx_pages, traced
from callcenter.calls import pages as calls_pages
from callcenter.calls import showing as calls_showing
from callcenter.calls.desk import CONTACTS_OF, DIALS, EVIDENCE_OF, LEG_OF, NUMBER_OF, SWITCHBOARD
from callcenter.calls.why import api as why_api
from callcenter.company import (
    detail_pages,
    front_pages,
    hours_pages,
    industry_pages,
    look_pages,
    module_pages,
    modules,
    numbering_pages,
    served,
    start_pages,
)
from callcenter.company.branding import BRANDING
from callcenter.crm import api as crm_api
from callcenter.crm import desk_pages, event_pages, participant_pages
from callcenter.crm import makers as crm_makers
from callcenter.crm.assistant import pages as assistant_pages
from callcenter.crm.contacts import around_pages
from callcenter.crm.contacts import edit_pages as contact_edit_pages
from callcenter.crm.contacts import pages as contacts_pages
from callcenter.crm.contacts import shown as points_shown
from callcenter.crm.duplicates import api as duplicates_api
from callcenter.crm.duplicates import pages as duplicates_pages
from callcenter.crm.finding import pages as finding_pages
from callcenter.crm.merging import forwarding
from callcenter.crm.merging import pages as merging_pages
from callcenter.crm.privacy import pages as privacy_pages
from callcenter.crm.registers import pages as register_pages
from callcenter.crm.registers.setup import REGISTERS, registers_of
from callcenter.desktop import pages as desktop_pages
from callcenter.diary import (
    calendar_pages,
    feed_pages,
    guest_pages,
    invitation_pages,
    loose_pages,
)
from callcenter.entity import api as entity_api
from callcenter.entity import api_pages, events_api, file_pages, parameters, record_pages
from callcenter.entity import pages as entity_pages
from callcenter.entity.admin import field_pages, option_pages
from callcenter.entity.description import Entity
from callcenter.entity.importing import api as imports_api
from callcenter.entity.importing import pages as imports_pages
from callcenter.entity.importing.keys import IMPORTS
from callcenter.entity.keys import ENTITIES
from callcenter.interactions import checklist_pages, expected_pages, makers, outcome_pages
from callcenter.interactions import pages as interactions_pages
from callcenter.interactions.makers import MAKERS
from callcenter.jobs import pages as jobs_pages
from callcenter.leads import card_pages as lead_pages
from callcenter.leads import maker as lead_maker
from callcenter.leads import taking_pages, winning_pages
from callcenter.leads.keys import PIPELINES
from callcenter.leads.webforms import admin_pages as form_pages
from callcenter.leads.webforms import public as form_public
from callcenter.leads.webforms.keys import LIMITS as FORM_LIMITS
from callcenter.leads.webforms.keys import MAKING
from callcenter.live import websocket
from callcenter.mail import (
    account_pages as mail_account_pages,
)
from callcenter.mail import (
    compose_pages,
    invited_pages,
    letter_pages,
    opt_out_pages,
    template_pages,
)
from callcenter.mail import makers as mail_makers
from callcenter.mail.keys import LOOK, WAKE
from callcenter.notices import choice_pages
from callcenter.notices import keys as notices_keys
from callcenter.notices import pages as notices_pages
from callcenter.post import sms_pages
from callcenter.process import course
from callcenter.process.admin import pages as process_pages
from callcenter.rules import form_pages as rule_form_pages
from callcenter.rules import log_pages as rule_log_pages
from callcenter.rules import pages as rules_pages
from callcenter.server import application
from callcenter.server.limits import Limit
from callcenter.stats import pages as stats_pages
from callcenter.stats.leads import pages as lead_report_pages

if TYPE_CHECKING:
    from callcenter.app.house import House

ROUTES: list[web.AbstractRouteDef] = [
    *agents_pages.routes,
    *agents_api.routes,
    *account_pages.routes,
    *admin_pages.routes,
    *access_pages.routes,
    *token_pages.routes,
    *phone_pages.routes,
    *seat_api.routes,
    *seat_pages.routes,
    *seat_admin_pages.routes,
    *role_pages.routes,
    *handing_pages.routes,
    *team_pages.routes,
    *state_api.routes,
    *calls_pages.routes,
    *calls_api.routes,
    *calls_showing.routes,
    *why_api.routes,
    *traced.routes,
    *listening.routes,
    *pbx_pages.routes,
    *option_pages.routes,
    *process_pages.routes,
    *course.routes,
    *rules_pages.routes,
    *rule_form_pages.routes,
    *rule_log_pages.routes,
    *field_pages.routes,
    *served.routes,
    *detail_pages.routes,
    *hours_pages.routes,
    *look_pages.routes,
    *industry_pages.routes,
    *module_pages.routes,
    *numbering_pages.routes,
    *front_pages.routes,
    *start_pages.routes,
    *tour.routes,
    *contacts_pages.routes,
    *contact_edit_pages.routes,
    *around_pages.routes,
    *points_shown.routes,
    *register_pages.routes,
    *file_pages.routes,
    *finding_pages.routes,
    *assistant_pages.routes,
    *duplicates_api.routes,
    *duplicates_pages.routes,
    *merging_pages.routes,
    *privacy_pages.routes,
    *crm_api.routes,
    *events_api.routes,
    *jobs_pages.routes,
    *sms_pages.routes,
    *choice_pages.routes,
    *notices_pages.routes,
    *mail_account_pages.routes,
    *template_pages.routes,
    *compose_pages.routes,
    *letter_pages.routes,
    *invited_pages.routes,
    *opt_out_pages.routes,
    *interactions_pages.routes,
    *outcome_pages.routes,
    *checklist_pages.routes,
    *expected_pages.routes,
    *calendar_pages.routes,
    *feed_pages.routes,
    *guest_pages.routes,
    *invitation_pages.routes,
    *loose_pages.routes,
    *imports_api.routes,
    *imports_pages.routes,
    *api_pages.routes,
    *desk_pages.routes,
    *desktop_pages.routes,
    *event_pages.routes,
    *taking_pages.routes,
    *winning_pages.routes,
    *lead_pages.routes,
    *form_public.routes,
    *form_pages.routes,
    *participant_pages.routes,
    *stats_pages.routes,
    *lead_report_pages.routes,
    *websocket.routes(),
    # Last: their addresses begin with any entity's.
    *record_pages.routes,
]


def routes(entities: Iterable[Entity]) -> list[web.AbstractRouteDef]:
    """Return every route: those of the rooms, and those that each entity has."""
    known = list(entities)
    return [*ROUTES, *entity_pages.routes(known), *entity_api.routes(known)]


def build(house: "House") -> web.Application:
    app = application.build(
        house.settings,
        house.database,
        house.bus,
        authenticate=house.sign_in.authenticate,
        routes=routes(house.registry),
        clock=house.now,
        brand=lambda: house.branding.brand,
        regions=house.regions,
        closed=lambda path: modules.is_closed(house.branding.brand.off, path, house.registry),
    )
    app[BRANDING] = house.branding
    events_api.install(app)
    parameters.install(app)
    agents_keys.install(app, house.sign_in, house.postman)
    app[ENTITIES] = house.registry
    app[REGISTERS] = registers_of(house.settings.registers)
    app[IMPORTS] = house.imports
    app[sms_pages.PROVIDER] = lambda: house.sms
    app[jobs_pages.WORDS] = {kind: work.says for kind, work in WORK.items()}
    app[jobs_pages.WAKE] = house.jobs.wake
    app[notices_keys.TELLER] = house.teller.tell_soon
    app[notices_keys.WAYS] = house.ways
    app[LOOK] = house.boxes.look
    app[MAKERS] = (*makers.OWN, crm_makers.CONTACT, lead_maker.LEAD, mail_makers.LETTER)
    app[PIPELINES] = house.pipelines
    app[WAKE] = house.jobs.wake
    app[MAKING] = house.form_leads
    app[FORM_LIMITS] = (Limit(30, 600), Limit(300, 600))
    app[invitation_pages.LIMIT] = Limit(*invitation_pages.TRIES)
    app[state_api.KEEPER] = house.keeper
    app[seat_api.DESKS] = house.desks
    app[SWITCHBOARD] = house.switchboard
    app[LEG_OF] = house.board.leg_of
    app[NUMBER_OF] = house.for_calls.number_of
    app[CONTACTS_OF] = house.for_calls.contacts_of
    app[traced.CUT_OF] = house.traces.cut_of
    app[EVIDENCE_OF] = house.traces.evidence_of
    app[DIALS] = Limit(house.settings.dial_per_minute, 60)
    app[pbx_pages.LINK_STATE] = house.links.state
    app[stats_pages.FLOOR] = house.floor
    app[websocket.HUB] = house.hub
    app.middlewares.append(forwarding.lead_on)
    app.on_shutdown.append(house.on_shutdown)
    return app
