// The page's own words in both languages; names and advice about photos come from the gateway.

const TEXTS = {
  en: {
    skip: "To the photos", language: "Language",
    ready: "Ready", notReady: "Not ready", unreachable: "No connection",
    postTitle: "Post a photo", drop: "Drop photos here", choose: "or click to choose them",
    take: "Take or choose a photo",
    facts: "Say more about it (optional)", patientId: "Patient ID", sex: "Sex", age: "Age", bodySite: "Body site",
    side: "Side", notSaid: "not said", female: "female", male: "male", other: "other",
    right: "right", left: "left", both: "both",
    sending: "sending…", posted: "posted", failed: "failed",
    demonstration: "Demonstration models, not a diagnosis.",
    photosTitle: "Photos", updated: "as of {time}", more: "Show older photos",
    emptyTitle: "No photos yet", emptyText: "Photos appear here as soon as an app, or this page, posts one.",
    accepted: "Usable", rejected: "Not usable", processing: "Being looked at",
    usable: "Usable for diagnosis", reasons: "Why, and what helps",
    ranking: "Most like", rankingDemonstration: "demonstration model, not a diagnosis",
    others: "{count} less like it",
    undecided: "undecided: nothing reaches {threshold}", contagious: "contagious", notContagious: "not contagious",
    malignant: "malignant", "urgency.self_care": "home care", "urgency.routine": "can wait", "urgency.soon": "soon",
    "urgency.urgent": "urgent",
    referral: "Goes to a dermatologist", "referral.open": "waiting", "referral.claimed": "being read",
    "referral.video_requested": "video requested", "referral.answered": "answered",
    "because.undecided": "undecided", "because.malignant": "malignancy not ruled out",
    "because.unknown": "unlike anything known", "because.requested": "asked for",
    object: "DICOM object", study: "Study Instance UID", series: "Series Instance UID", instance: "SOP Instance UID",
    sopClass: "SOP Class UID", copy: "Copy", copied: "Copied", metadata: "Metadata over DICOMweb",
    deliveries: "Deliveries", noDeliveries: "no destination set",
    "delivery.queued": "queued", "delivery.sending": "sending", "delivery.sent": "sent",
    "delivery.confirmed": "confirmed", "delivery.committed": "committed", "delivery.failed": "will be tried again",
    "delivery.dead": "given up", "delivery.not_accepted": "not taken there", "delivery.cancelled": "cancelled",
    picture: "Picture", openPicture: "Show the whole picture", photoAlt: "Posted skin photo", close: "Close",
    keyTitle: "A key is needed", keyLabel: "Key", keyUse: "Use it",
    keyText: "This gateway answers only to keys. It is kept until this tab is closed.",
  },
  ko: {
    skip: "사진 목록으로", language: "언어",
    ready: "정상", notReady: "준비 안 됨", unreachable: "연결 안 됨",
    postTitle: "사진 올리기", drop: "사진을 여기에 놓으십시오", choose: "또는 눌러서 고르십시오", take: "사진 찍기 또는 고르기",
    facts: "추가 정보 (선택)", patientId: "환자 번호", sex: "성별", age: "나이", bodySite: "부위",
    side: "방향", notSaid: "입력 안 함", female: "여성", male: "남성", other: "기타",
    right: "오른쪽", left: "왼쪽", both: "양쪽",
    sending: "보내는 중…", posted: "올림", failed: "실패",
    demonstration: "시연용 모델이며 진단이 아닙니다.",
    photosTitle: "사진", updated: "{time} 기준", more: "이전 사진 더 보기",
    emptyTitle: "아직 사진이 없습니다", emptyText: "앱이나 이 화면에서 사진을 올리면 바로 여기에 나타납니다.",
    accepted: "사용 가능", rejected: "사용 불가", processing: "판정 중",
    usable: "진단에 쓸 수 있음", reasons: "이유와 도움말",
    ranking: "가장 비슷한 질환", rankingDemonstration: "시연용 모델, 진단이 아님",
    others: "덜 비슷한 질환 {count}개",
    undecided: "미결정: {threshold}에 이른 질환 없음", contagious: "전염성 있음", notContagious: "전염성 없음",
    malignant: "악성", "urgency.self_care": "자가 관리", "urgency.routine": "급하지 않음", "urgency.soon": "곧 진료",
    "urgency.urgent": "응급",
    referral: "피부과 전문의에게 의뢰", "referral.open": "대기 중", "referral.claimed": "판독 중",
    "referral.video_requested": "동영상 요청", "referral.answered": "답변 완료",
    "because.undecided": "미결정", "because.malignant": "악성 배제 불가",
    "because.unknown": "알려지지 않은 모양", "because.requested": "요청에 따라",
    object: "DICOM 객체", study: "검사 UID (Study)", series: "시리즈 UID (Series)", instance: "객체 UID (SOP Instance)",
    sopClass: "종류 UID (SOP Class)", copy: "복사", copied: "복사됨", metadata: "DICOMweb 메타데이터",
    deliveries: "전송", noDeliveries: "전송 대상 없음",
    "delivery.queued": "대기", "delivery.sending": "전송 중", "delivery.sent": "전송됨",
    "delivery.confirmed": "확인됨", "delivery.committed": "보관 확약", "delivery.failed": "다시 시도 예정",
    "delivery.dead": "포기함", "delivery.not_accepted": "받지 않는 종류", "delivery.cancelled": "취소됨",
    picture: "사진", openPicture: "사진 전체 보기", photoAlt: "올린 피부 사진", close: "닫기",
    keyTitle: "키가 필요합니다", keyLabel: "키", keyUse: "사용",
    keyText: "이 게이트웨이는 키가 있어야 답합니다. 이 탭을 닫을 때까지만 보관됩니다.",
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

export const percent = (share) =>
  new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: share > 0.995 || share < 0.01 ? 1 : 0 }).format(share);

export const time = (moment) =>
  new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(moment);

export const clock = (moment) => new Intl.DateTimeFormat(language, { timeStyle: "medium" }).format(moment);
