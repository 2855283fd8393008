// The page's own words in both languages; names and advice about photos come from the gateway.

const TEXTS = {
  en: {
    skip: "To the photos", language: "Language",
    ready: "Ready", notReady: "Not ready", unreachable: "No connection",
    postTitle: "Post photos or videos", drop: "Drop photos or videos here", choose: "or click to choose them",
    take: "Take or choose photos or videos",
    facts: "Say more about it (optional)", patientId: "Patient ID", sex: "Sex", age: "Age", bodySite: "Body site",
    order: "Order of the worklist", orderSearch: "Name, patient ID or accession number", orderNone: "no order",
    orderMore: "More match: narrow the search.", orderDown: "The worklist does not answer. Photos can be given their order later.",
    "order.unknown": "order not on the worklist", "order.unavailable": "order to be looked up: the worklist did not answer",
    side: "Side", notSaid: "not said", female: "female", male: "male", other: "other",
    right: "right", left: "left", both: "both",
    sending: "sending…", posted: "posted", failed: "failed",
    demonstration: "Demonstration models, not a diagnosis.",
    photosTitle: "Photos", updated: "as of {time}", more: "Show older photos",
    emptyTitle: "No photos yet", emptyText: "Photos and videos appear here as soon as an app, or this page, posts one.",
    accepted: "Usable", rejected: "Not usable", processing: "Being looked at",
    usable: "Usable for diagnosis", reasons: "Why, and what helps",
    ranking: "Most like, by the model", rankingDemonstration: "demonstration model, not a diagnosis",
    others: "{count} less like it",
    undecided: "undecided: nothing reaches {threshold}", contagious: "contagious", notContagious: "not contagious",
    malignant: "malignant", "urgency.self_care": "home care", "urgency.routine": "can wait", "urgency.soon": "soon",
    "urgency.urgent": "urgent",
    referral: "Goes to a dermatologist", "referral.open": "waiting", "referral.claimed": "being read",
    "referral.video_requested": "video requested", "referral.answered": "answered",
    "because.undecided": "undecided", "because.malignant": "malignancy not ruled out",
    "because.unknown": "unlike anything known", "because.requested": "asked for",
    patient: "Patient {id}", "side.right": "right", "side.left": "left", "side.both": "both sides",
    dermoscopic: "Dermoscopic", pages: "{count} pictures, the first judged", video: "Video",
    videoFrame: "Video, frame {frame} judged", videoFrameOf: "Video, frame {frame} of {count} judged",
    case: "Case {mark}", caseWhole: "Case {id}: cards with this mark are of one case",
    opinion: "A dermatologist's opinion", opinionByDoctor: "a doctor's word", diagnoses: "Diagnoses, the likeliest first",
    opinionEarlier: "Given before the newest photos of the case, which wait for another.",
    object: "DICOM objects", objectOfPhoto: "The photo", objectOfVideo: "The video",
    reportOfModels: "Report of what the models found, unverified", reportOfOpinion: "Report of the doctor's opinion, verified",
    study: "Study Instance UID", series: "Series Instance UID", instance: "SOP Instance UID",
    sopClass: "SOP Class UID", copy: "Copy", copied: "Copied", metadata: "Metadata over DICOMweb",
    deliveries: "Deliveries", noDeliveries: "no destination set",
    "delivery.queued": "queued", "delivery.sending": "sending", "delivery.sent": "sent",
    "delivery.confirmed": "confirmed", "delivery.committed": "committed", "delivery.failed": "will be tried again",
    "delivery.dead": "given up", "delivery.not_accepted": "not taken there", "delivery.cancelled": "cancelled",
    places: "Pages", operations: "Operations", destinations: "Destinations", skipDestinations: "To the destinations",
    noDestinations: "No destination is set",
    noDestinationsText: "Photos stay in this archive. [[destinations]] in the settings says where they are to go.",
    noDeliveriesYet: "Nothing was to be delivered there yet.",
    "standing.idle": "takes deliveries", "standing.busy": "has work", "standing.down": "down, being tried",
    "standing.downFor": "down, tried again in {time}", "standing.unknown": "sent to by another process",
    "standing.unnamed": "not in the settings", "standing.untried": "not tried yet",
    "standing.refusing": "has taken nothing yet", "standing.unproven": "takes deliveries, not proven",
    "reason.unproven": "Not proven", "reason.dead": "Given up last", "reason.not_accepted": "Not taken last",
    "figure.waiting": "Waiting", "figure.oldest": "oldest {time}", "figure.lastHour": "Sent, last hour",
    "figure.last": "last {time} ago", "figure.proven": "Proven to be kept", "figure.ofSent": "of {count} sent",
    "figure.dead": "Given up", "figure.down": "Down", "figure.arrived": "Arrived",
    "hour.ago": "60 min ago", "hour.now": "now", "hour.words": "{sent} sent, {failed} failed attempts",
    failures: "What failed in the last hour",
    "outcome.retry": "short of resources", "outcome.retry_few": "failed there", "outcome.retry_once": "not understood there",
    "outcome.fallback_class": "kind of object not taken", "outcome.mismatch": "object does not fit its kind",
    "outcome.permanent": "refused for good", "outcome.no_presentation_context": "coding not taken",
    "outcome.unknown_outcome": "no answer", "outcome.unreachable": "not reachable", "outcome.busy": "busy",
    "outcome.configuration": "a setting is wrong, here or there", "outcome.protocol_misuse": "protocol error",
    "retry.dead": "Send {count} given up again", "retry.not_accepted": "Send {count} not taken again",
    picture: "Picture", openPicture: "Show the whole picture", photoAlt: "Posted skin photo", videoAlt: "Frame of a posted skin video", close: "Close",
    keyTitle: "A key is needed", keyOther: "Use another key", keyLabel: "Key", keyUse: "Use it", keyCancel: "Cancel",
    keyText: "This gateway answers only to keys. It is kept until this tab is closed.",
    ownWords: "The gateway's words", "problem.other": "Something went wrong.",
    "problem.0": "The gateway cannot be reached.",
    "problem.401": "This key is not valid. Enter another one.",
    "problem.403": "This key lacks the right to do that. Enter another one.",
    "problem.404": "There is no such thing here any more.",
    "problem.408": "The photo took too long to arrive. Try again.",
    "problem.413": "The file is too large.",
    "problem.415": "Files of this kind are not taken. Use a JPEG, PNG or HEIC photo, or an MP4 video.",
    "problem.422": "What was entered cannot be used as it is.",
    "problem.500": "Something went wrong in the gateway.",
    "problem.503": "The gateway is busy. Try again in a moment.",
    "problem.507": "The gateway has no room left for photos.",
    "problem.not_a_picture": "This file is no photo or video.",
    "problem.unsupported_picture": "Pictures of this kind are not taken. Use a JPEG, PNG or HEIC photo, or an MP4 video.",
    "problem.unsupported_format": "Pictures of this kind are not taken. Use a JPEG, PNG or HEIC photo, or an MP4 video.",
    "problem.unsupported_coding": "This picture is stored in a way that is not taken. Save it as an ordinary JPEG.",
    "problem.truncated_picture": "The picture is cut short or damaged. Send it again.",
    "problem.damaged_picture": "The picture is cut short or damaged. Send it again.",
    "problem.unusable_picture": "The picture cannot be used.",
    "problem.too_many_pixels": "The picture has too many pixels. Use a smaller one.",
    "problem.video_too_long": "The video is too long or too large. Send a shorter one.",
    "problem.video_too_costly": "The video took too long to read. Send a shorter or smaller one.",
    "problem.too_small": "The picture is too small to be judged. Use a larger one.",
    "problem.invalid_facts": "What was said about the photo cannot be written as it is.",
    "problem.conversion_failed": "No DICOM object could be made of the photo.",
    "problem.not_processed": "The photo could not be processed.",
  },
  ko: {
    skip: "사진 목록으로", language: "언어",
    ready: "정상", notReady: "준비 안 됨", unreachable: "연결 안 됨",
    postTitle: "사진·동영상 올리기", drop: "사진이나 동영상을 여기에 놓으십시오", choose: "또는 눌러서 고르십시오", take: "사진·동영상 찍기 또는 고르기",
    facts: "추가 정보 (선택)", patientId: "환자 번호", sex: "성별", age: "나이", bodySite: "부위",
    order: "워크리스트 처방", orderSearch: "이름, 환자 번호 또는 처방 번호", orderNone: "처방 없음",
    orderMore: "결과가 더 있습니다. 검색어를 더 자세히 입력하십시오.", orderDown: "워크리스트가 응답하지 않습니다. 처방은 나중에 연결할 수 있습니다.",
    "order.unknown": "워크리스트에 없는 처방", "order.unavailable": "처방 확인 대기: 워크리스트 응답 없음",
    side: "방향", notSaid: "입력 안 함", female: "여성", male: "남성", other: "기타",
    right: "오른쪽", left: "왼쪽", both: "양쪽",
    sending: "보내는 중…", posted: "올림", failed: "실패",
    demonstration: "시연용 모델이며 진단이 아닙니다.",
    photosTitle: "사진", updated: "{time} 기준", more: "이전 사진 더 보기",
    emptyTitle: "아직 사진이 없습니다", emptyText: "앱이나 이 화면에서 사진을 올리면 바로 여기에 나타납니다.",
    accepted: "사용 가능", rejected: "사용 불가", processing: "판정 중",
    usable: "진단에 쓸 수 있음", reasons: "이유와 도움말",
    ranking: "모델이 본 가장 비슷한 질환", rankingDemonstration: "시연용 모델, 진단이 아님",
    others: "덜 비슷한 질환 {count}개",
    undecided: "미결정: {threshold}에 이른 질환 없음", contagious: "전염성 있음", notContagious: "전염성 없음",
    malignant: "악성", "urgency.self_care": "자가 관리", "urgency.routine": "급하지 않음", "urgency.soon": "곧 진료",
    "urgency.urgent": "응급",
    referral: "피부과 전문의에게 의뢰", "referral.open": "대기 중", "referral.claimed": "판독 중",
    "referral.video_requested": "동영상 요청", "referral.answered": "답변 완료",
    "because.undecided": "미결정", "because.malignant": "악성 배제 불가",
    "because.unknown": "알려지지 않은 모양", "because.requested": "요청에 따라",
    patient: "환자 {id}", "side.right": "오른쪽", "side.left": "왼쪽", "side.both": "양쪽",
    dermoscopic: "피부확대경", pages: "사진 {count}장 중 첫 장 판정", video: "동영상",
    videoFrame: "동영상, {frame}번째 장면 판정", videoFrameOf: "동영상, 장면 {count}개 중 {frame}번째 판정",
    case: "사례 {mark}", caseWhole: "사례 {id}: 같은 표시는 같은 사례입니다",
    opinion: "피부과 전문의 소견", opinionByDoctor: "의사의 판단", diagnoses: "진단, 가능성 높은 순",
    opinionEarlier: "이 사례에 새 사진이 더해지기 전의 소견이며, 새 사진은 판독을 기다립니다.",
    object: "DICOM 객체", objectOfPhoto: "사진", objectOfVideo: "동영상",
    reportOfModels: "모델 판정 보고서 (미확인)", reportOfOpinion: "의사 소견 보고서 (확인됨)",
    study: "검사 UID (Study)", series: "시리즈 UID (Series)", instance: "객체 UID (SOP Instance)",
    sopClass: "종류 UID (SOP Class)", copy: "복사", copied: "복사됨", metadata: "DICOMweb 메타데이터",
    deliveries: "전송", noDeliveries: "전송 대상 없음",
    "delivery.queued": "대기", "delivery.sending": "전송 중", "delivery.sent": "전송됨",
    "delivery.confirmed": "확인됨", "delivery.committed": "보관 확약", "delivery.failed": "다시 시도 예정",
    "delivery.dead": "포기함", "delivery.not_accepted": "받지 않는 종류", "delivery.cancelled": "취소됨",
    places: "화면", operations: "운영", destinations: "전송 대상", skipDestinations: "전송 대상으로",
    noDestinations: "설정된 전송 대상이 없습니다",
    noDestinationsText: "사진은 이 보관소에만 남습니다. 보낼 곳은 설정의 [[destinations]]에 적습니다.",
    noDeliveriesYet: "아직 보낼 것이 없었습니다.",
    "standing.idle": "정상 수신", "standing.busy": "전송 중", "standing.down": "응답 없음, 다시 시도 중",
    "standing.downFor": "응답 없음, {time} 뒤 다시 시도", "standing.unknown": "다른 프로세스가 전송",
    "standing.unnamed": "설정에 없음", "standing.untried": "아직 보낸 적 없음",
    "standing.refusing": "아직 받은 것 없음", "standing.unproven": "수신하나 보관 미확인",
    "reason.unproven": "보관 미확인", "reason.dead": "최근 포기한 까닭", "reason.not_accepted": "최근 받지 않은 까닭",
    "figure.waiting": "대기", "figure.oldest": "최장 {time}", "figure.lastHour": "최근 1시간 전송",
    "figure.last": "마지막 {time} 전", "figure.proven": "보관 확인", "figure.ofSent": "전송 {count}건 중",
    "figure.dead": "포기함", "figure.down": "응답 없음", "figure.arrived": "도착",
    "hour.ago": "60분 전", "hour.now": "지금", "hour.words": "전송 {sent}건, 실패한 시도 {failed}건",
    failures: "최근 1시간의 실패",
    "outcome.retry": "상대 자원 부족", "outcome.retry_few": "상대 처리 실패", "outcome.retry_once": "상대가 이해하지 못함",
    "outcome.fallback_class": "받지 않는 객체 종류", "outcome.mismatch": "객체가 종류와 맞지 않음",
    "outcome.permanent": "영구 거부", "outcome.no_presentation_context": "받지 않는 부호화",
    "outcome.unknown_outcome": "응답 없음", "outcome.unreachable": "연결 불가", "outcome.busy": "상대가 바쁨",
    "outcome.configuration": "이쪽이나 상대의 설정 오류", "outcome.protocol_misuse": "통신 규약 오류",
    "retry.dead": "포기한 {count}건 다시 보내기", "retry.not_accepted": "받지 않은 {count}건 다시 보내기",
    picture: "사진", openPicture: "사진 전체 보기", photoAlt: "올린 피부 사진", videoAlt: "올린 피부 동영상의 한 장면", close: "닫기",
    keyTitle: "키가 필요합니다", keyOther: "다른 키 사용", keyLabel: "키", keyUse: "사용", keyCancel: "취소",
    keyText: "이 게이트웨이는 키가 있어야 답합니다. 이 탭을 닫을 때까지만 보관됩니다.",
    ownWords: "게이트웨이의 설명 (영어)", "problem.other": "문제가 생겼습니다.",
    "problem.0": "게이트웨이에 연결할 수 없습니다.",
    "problem.401": "이 키는 유효하지 않습니다. 다른 키를 입력하십시오.",
    "problem.403": "이 키에는 그럴 권한이 없습니다. 다른 키를 입력하십시오.",
    "problem.404": "더 이상 여기에 없습니다.",
    "problem.408": "사진이 제때 도착하지 않았습니다. 다시 시도하십시오.",
    "problem.413": "파일이 너무 큽니다.",
    "problem.415": "이런 종류의 파일은 받지 않습니다. JPEG, PNG, HEIC 사진이나 MP4 동영상을 쓰십시오.",
    "problem.422": "입력한 내용을 그대로는 쓸 수 없습니다.",
    "problem.500": "게이트웨이에서 문제가 생겼습니다.",
    "problem.503": "게이트웨이가 바쁩니다. 잠시 후 다시 시도하십시오.",
    "problem.507": "게이트웨이에 사진을 둘 자리가 없습니다.",
    "problem.not_a_picture": "이 파일은 사진이나 동영상이 아닙니다.",
    "problem.unsupported_picture": "이런 종류의 사진은 받지 않습니다. JPEG, PNG, HEIC 사진이나 MP4 동영상을 쓰십시오.",
    "problem.unsupported_format": "이런 종류의 사진은 받지 않습니다. JPEG, PNG, HEIC 사진이나 MP4 동영상을 쓰십시오.",
    "problem.unsupported_coding": "받지 않는 방식으로 저장된 사진입니다. 일반 JPEG로 저장하십시오.",
    "problem.truncated_picture": "사진이 잘렸거나 손상되었습니다. 다시 보내십시오.",
    "problem.damaged_picture": "사진이 잘렸거나 손상되었습니다. 다시 보내십시오.",
    "problem.unusable_picture": "쓸 수 없는 사진입니다.",
    "problem.too_many_pixels": "사진의 화소가 너무 많습니다. 더 작은 사진을 쓰십시오.",
    "problem.video_too_long": "동영상이 너무 길거나 큽니다. 더 짧은 동영상을 보내십시오.",
    "problem.video_too_costly": "동영상을 읽는 데 너무 오래 걸립니다. 더 짧거나 작은 동영상을 보내십시오.",
    "problem.too_small": "판정하기에 너무 작은 사진입니다. 더 큰 사진을 쓰십시오.",
    "problem.invalid_facts": "사진에 대해 입력한 내용을 그대로는 쓸 수 없습니다.",
    "problem.conversion_failed": "사진으로 DICOM 객체를 만들지 못했습니다.",
    "problem.not_processed": "사진을 처리하지 못했습니다.",
  },
};

const STORED = "dermgate-language";

export function initialLanguage() {
  const stored = localStorage.getItem(STORED);
  if (stored in TEXTS) return stored;
  const preferred = navigator.languages.find((tag) => tag.split("-")[0] in TEXTS);
  return preferred ? preferred.split("-")[0] : "en";
}

let language = initialLanguage();

export const currentLanguage = () => language;

/** The words for a key, with `{name}` filled in; an unknown key (a code newer than this page) shows itself. */
export function text(key, values = {}) {
  const words = TEXTS[language][key] ?? key.split(".").at(-1).replaceAll("_", " ");
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** The words for a key, undefined where the page has none. */
export const knownText = (key) => TEXTS[language][key];

/** Change the language of everything that stands in the page already. */
export function useLanguage(chosen) {
  language = chosen;
  localStorage.setItem(STORED, chosen);
  document.documentElement.lang = chosen;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = text(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", text(node.dataset.label));
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === chosen));
  }
}

/** A share of one; more exact near its ends and near a `threshold`, which it must not seem to have reached. */
export function percent(share, threshold = null) {
  const close = share > 0.995 || share < 0.01 || (threshold !== null && Math.abs(share - threshold) < 0.01);
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: close ? 1 : 0 }).format(share);
}

export const time = (moment) =>
  new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(moment);

export const clock = (moment) => new Intl.DateTimeFormat(language, { timeStyle: "medium" }).format(moment);

export const number = (value) => new Intl.NumberFormat(language).format(value);

const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

/** Seconds in the one unit that fits: 90 s, 5 min, 2 h, 3 days. */
export function duration(seconds) {
  const [unit, size] = UNITS.find(([, length]) => seconds >= 2 * length) ?? UNITS.at(-1);
  const shape = { style: "unit", unit, unitDisplay: unit === "day" ? "long" : "short", maximumFractionDigits: 0 };
  return new Intl.NumberFormat(language, shape).format(Math.floor(seconds / size));
}
