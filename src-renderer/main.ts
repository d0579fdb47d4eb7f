// Starts the user interface: one client over whichever transport the host gives, one app state, the states of its views.
import { mount } from 'svelte'
import { z } from 'zod'
import 'uplot/dist/uPlot.min.css'
import './app.css'
import { browserCameras } from './api/camera.ts'
import { connect } from './api/connect.ts'
import { browserNotifier } from './api/notifier.ts'
import { takeKeyFromAddress } from './api/page-key.ts'
import { AppState } from './state/app/app-state.svelte.ts'
import App from './views/App.svelte'
import { views } from './views/views.ts'

takeKeyFromAddress()
z.config({ jitless: true }) // the page's policy forbids evaluating strings
const states = views.flatMap(({ state }) => state ?? [])
const target = document.getElementById('app')
if (target)
  mount(App, {
    target,
    props: { app: new AppState({ connect, cameras: browserCameras, notifier: browserNotifier, states }) },
  })
