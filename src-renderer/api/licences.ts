// The licences that the build wrote beside the page (build/licences.mjs).
import { z } from 'zod'

const licenceSchema = z.object({
  name: z.string(),
  version: z.string(),
  licence: z.string(),
  by: z.string(),
  where: z.string(),
  text: z.number().int().nullable(),
})
export type Licence = z.output<typeof licenceSchema>

const licencesSchema = z.object({
  packages: z.array(licenceSchema),
  others: z.array(licenceSchema),
  texts: z.array(z.string()),
})
export type Licences = z.output<typeof licencesSchema>

export async function fetchLicences(): Promise<Licences> {
  const answer = await fetch('./licences.json')
  if (!answer.ok) throw new Error(`licences.json: ${answer.status}`)
  return licencesSchema.parse(await answer.json())
}
