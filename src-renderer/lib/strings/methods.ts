// What each method does, in a sentence. The English ones are the method’s own.
import { methodIds, methodInfo } from '#contract/methods/method-info.ts'
import type { MethodId } from '#contract/methods/methods.ts'
import type { InEachLanguage, Words } from './words.ts'

const en: { readonly does: Readonly<Record<MethodId, string>> } = {
  does: Object.fromEntries(methodIds.map((id) => [id, methodInfo[id].does])) as Record<MethodId, string>,
}

const de: Words<typeof en> = {
  does: {
    source: 'Nichts passt sich an: das Modell, wie es trainiert wurde.',
    norm: 'Normalisiert mit der eigenen Statistik jedes Batches.',
    'bn-alpha': 'Normalisiert mit einer Mischung aus der Statistik der Quelle und der des Batches; für kleine Batches.',
    tent: 'Senkt die Entropie der Vorhersagen, indem Skalierung und Verschiebung der Norm-Schichten bewegt werden.',
    cotta:
      'Ein Schüler lernt von seinem eigenen gleitenden Mittel über viele Ansichten; einige Gewichte gehen auf die der Quelle zurück.',
    ecotta:
      'Kleine zusätzliche Netze passen sich an, gehalten bei den eingefrorenen; sie werden auf Quellbildern mit Labels aufgewärmt.',
    adacontrast:
      'Kontrastives Lernen mit Pseudo-Labels, über die gemerkte Nachbarn abstimmen. Zählt nach seinem Schritt.',
    surgical: 'Nur der erste Block passt sich an.',
    dss: 'Lernt hin zu sicheren Pseudo-Labels und weg von unwahrscheinlichen; die Schwelle wandert mit dem Datenstrom.',
    law: 'Lernraten je Tensor aus angesammelten quadrierten Gradienten der Likelihood.',
    autolr: 'Lernraten je Block, so gesteuert, dass tiefere Blöcke sich mehr bewegen.',
    eata: 'Entropie sicherer Bilder, die sich von den gesehenen unterscheiden, bei der Quelle gehalten, wo die Fisher-Information es sagt.',
    sar: 'Entropie sicherer Bilder, minimiert, wo sie ringsum niedrig bleibt; beginnt nach einem Kollaps von vorn.',
    rotta:
      'Ein nach Klassen ausgewogenes Gedächtnis, gleitende Statistik und ein Lehrer, für nach Klassen geordnete Datenströme.',
    note: 'Normalisierung je Bild und ein ausgewogenes Gedächtnis; sagt Bild für Bild vorher.',
    rmt: 'Ein gemittelter Lehrer mit symmetrischem Verlust, Kontrast zu Prototypen der Quelle und wiederholten Quellbildern.',
    rdumb: 'ETA, das alle so und so viele Batches von vorn beginnt.',
    lame: 'Kein Gewicht bewegt sich: Die Labels eines Batches werden gemeinsam zugewiesen.',
    memo: 'Passt sich jedem Bild allein über viele Ansichten an und vergisst es wieder. Zählt nach seinem Schritt.',
    deyo: 'Entropie sicherer Bilder, deren Vorhersage fällt, wenn ihr Bild zerschnitten wird.',
    santa: 'Folgt dem Quellmodell, wo es sicher ist, mit Kontrast zu Prototypen der Quelle.',
    cmf: 'Die Verluste von ROID, zu einem gefilterten Mittel der Gewichte gezogen.',
    roid: 'Ein gewichtetes Likelihood-Verhältnis mit Konsistenz; Gewichte zu denen der Quelle gezogen, Vorhersagen durch einen Prior berichtigt.',
    come: 'TENT mit der Entropie einer Meinung, die „ich weiß es nicht“ sagen darf.',
    palm: 'Lernraten je Tensor aus dem Gradienten einer Divergenz zur Gleichverteilung.',
  },
}

export const methods: InEachLanguage<typeof en> = { en, de }
